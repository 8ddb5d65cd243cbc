#!/usr/bin/env python3
"""Decoding speed beside llama.cpp on the same GGUF file: both in turn, medians, the ratio of each pair.

    bench/compare.py MODEL.gguf --llama-bench PATH/llama-bench [--threads 2] [--rounds 5] [--tokens 64]

llama-bench comes from llama.cpp, built with -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON; the source package of
llama-cpp-python holds its source (vendor/llama.cpp).
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build" / "release" / "eigenformer"


def run_json(command: list[str]):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def ours(options) -> float:
    """Tokens per second of one sequence, median of the program's own repetitions."""
    report = run_json([str(PROGRAM), "bench", options.model, "-p", "0", "-n", str(options.tokens), "-b", "1",
                       "--threads", str(options.threads), "--json"])
    decode = [result for result in report["results"] if result["test"] == "decode" and result["batch"] == 1]
    return decode[0]["tokens_per_second"]["median"]


def theirs(options) -> float:
    report = run_json([options.llama_bench, "-m", options.model, "-p", "0", "-n", str(options.tokens),
                       "-t", str(options.threads), "-o", "json"])
    return report[0]["avg_ts"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--llama-bench", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=64)
    options = parser.parse_args()

    pairs = []
    for index in range(options.rounds):
        pair = (ours(options), theirs(options))
        pairs.append(pair)
        print(f"round {index + 1}: eigenformer {pair[0]:.1f} tok/s, llama.cpp {pair[1]:.1f} tok/s, "
              f"ratio {pair[0] / pair[1]:.2f}", flush=True)
    print(f"median: eigenformer {statistics.median(p[0] for p in pairs):.1f} tok/s, "
          f"llama.cpp {statistics.median(p[1] for p in pairs):.1f} tok/s, "
          f"ratio {statistics.median(p[0] / p[1] for p in pairs):.2f}")


if __name__ == "__main__":
    main()
