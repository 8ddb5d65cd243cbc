"""Serves one engine with one model: `python -m comparison.worker PEER TASK WEIGHTS FOLDER THREADS`.

Each line of standard input is a piece of work (comparison.work), each answer a line: {"seconds": ..., "result": ...},
or {"error": ...}. What libraries print goes to standard error.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path

from .peers.peer import WORKS


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, task, weights, folder, threads = sys.argv[1:]
    engine = importlib.import_module(f"comparison.peers.{name}").load(task, weights, Path(folder), int(threads))
    for line in sys.stdin:
        work = json.loads(line)
        try:
            begin = time.perf_counter()
            result = WORKS[work["work"]](engine, work)
            answer = {"seconds": time.perf_counter() - begin, "result": result}
        except Exception as error:  # whatever the library throws is why it cannot take part
            answer = {"error": f"{type(error).__name__}: {str(error)[-400:]}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
