"""Prepares a model for an engine: `python -m comparison.convert PEER TASK WEIGHTS SOURCE TARGET`.

TARGET is complete or absent.
"""

import importlib
import shutil
import sys
from pathlib import Path


def main() -> None:
    name, task, weights, source, target = sys.argv[1:]
    unfinished = Path(target + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.unlink(missing_ok=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    importlib.import_module(f"comparison.peers.{name}").convert(task, weights, Path(source), unfinished)
    unfinished.rename(target)


if __name__ == "__main__":
    main()
