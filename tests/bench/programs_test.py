"""Engines that are programs: what is asked of `eigenformer bench` and of llama.cpp's benchmarks, and how their answers
are read. Scripts stand in for them, which print in the programs' formats and write down their arguments."""

import pathlib
import tempfile
import unittest

import bench_package  # noqa: F401
from comparison.peers import eigenformer, llama_cpp
from comparison.places import Places
from comparison.work import Unavailable

HEAD = """#!/usr/bin/env python3
import json, pathlib, sys
log = pathlib.Path(__file__).with_suffix(".log")
log.open("a").write(" ".join(sys.argv[1:]) + "\\n")
def option(name):
    return sys.argv[sys.argv.index(name) + 1]
"""
# https://github.com/ggml-org/llama.cpp, tools/llama-bench and tools/batched-bench.
LLAMA_BENCH = HEAD + 'print(json.dumps([{"avg_ts": 99, "samples_ts": [10, 30, 20]}]))'
BATCHED_BENCH = HEAD + (
    'print("\\n".join(json.dumps({"pl": int(n), "speed_pp": 7.0, "speed_tg": 100.0 * int(n)})'
    ' for n in option("-npl").split(",")))'
)
EIGENFORMER = HEAD + (
    'tests = [("prefill", 1)] if option("-n") == "0" else [("decode", int(n)) for n in option("-b").split(",")]\n'
    'print(json.dumps({"limits": {"read_gb_s": 9}, "results": [{"test": t, "batch": n, "tokens_per_second":'
    ' {"median": 50.0 * n}} for t, n in tests]}))'
)


def decode(sequences):
    return {"work": "decode", "sequences": sequences, "new_tokens": 8, "repetitions": 3}


PREFILL = {"work": "prefill", "tokens": 64, "repetitions": 2}
CONTINUE = {"work": "continue", "prompt": [5] * 10, "new_tokens": 6}


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.places = Places(self.folder, self.folder / "ours", self.folder / "rounds")
        self.bin = self.folder / "llama.cpp" / "build" / "bin"
        self.bin.mkdir(parents=True)
        self.write(self.folder / "ours", EIGENFORMER)
        self.write(self.folder / "rounds", HEAD)
        self.write(self.bin / "llama-bench", LLAMA_BENCH)
        self.write(self.bin / "llama-batched-bench", BATCHED_BENCH)

    def write(self, file, script):
        file.write_text(script)
        file.chmod(0o755)

    def log(self, file):
        return file.with_suffix(".log").read_text().splitlines()

    def test_eigenformer_decodes_all_sizes_in_one_run(self):
        session = eigenformer.LanguageSession(self.places, pathlib.Path("m.gguf"), 2)
        speeds = session.measure([decode(1), PREFILL, decode(4)])
        self.assertEqual(speeds, [{"decode": 50}, {"prefill": 50}, {"decode": 200}])
        self.assertEqual(self.log(self.folder / "ours"), [
            "bench m.gguf --threads 2 --json -p 0 -n 8 -b 1,4 -r 3",
            "bench m.gguf --threads 2 --json -p 64 -n 0 -r 2",
        ])  # fmt: skip
        self.assertEqual(session.limits, [{"read_gb_s": 9}] * 2)

    def test_llama_cpp_alone(self):
        session = llama_cpp.LanguageSession(self.places, pathlib.Path("m.gguf"), 2)
        self.assertEqual(session.measure([PREFILL, decode(1)]), [{"prefill": 20}, {"decode": 20}])
        self.assertEqual(self.log(self.bin / "llama-bench"), [
            "-m m.gguf -t 2 -r 2 -o json -p 64 -n 0",
            "-m m.gguf -t 2 -r 3 -o json -p 0 -n 8",
        ])  # fmt: skip

    def test_llama_cpp_in_company(self):
        session = llama_cpp.LanguageSession(self.places, pathlib.Path("m.gguf"), 2)
        self.assertEqual(session.measure([decode(1), decode(32)]), [{"decode": 100}, {"decode": 3200}])
        (asked,) = self.log(self.bin / "llama-batched-bench")
        self.assertEqual(asked, "-m m.gguf -t 2 -tb 2 -c 320 -npp 1 -ntg 8 -npl 1,32 --output-format jsonl")

    def test_llama_cpp_behind_a_prompt(self):
        session = llama_cpp.LanguageSession(self.places, pathlib.Path("m.gguf"), 2)
        self.assertEqual(session.measure([CONTINUE]), [{"prefill": 7, "decode": 100}])
        self.assertIn("-npp 10 -ntg 6 -npl 1 ", self.log(self.bin / "llama-batched-bench")[0])

    def test_a_program_that_fails_says_why(self):
        self.write(self.bin / "llama-bench", "#!/bin/sh\necho 'no such model' >&2; exit 3")
        session = llama_cpp.LanguageSession(self.places, pathlib.Path("m.gguf"), 2)
        with self.assertRaisesRegex(Unavailable, "exit status 3: no such model"):
            session.measure([PREFILL])

    def test_a_program_that_is_not_built(self):
        (self.bin / "llama-bench").unlink()
        with self.assertRaisesRegex(Unavailable, "llama-bench is not built"):
            llama_cpp.LanguageSession(self.places, pathlib.Path("m.gguf"), 2)


if __name__ == "__main__":
    unittest.main()
