"""Runs the program of the build folder, and reads what it wrote. Standard library only."""

import array
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
IS_WINDOWS = (BUILD / "eigenformer.exe").exists()  # cross-built: wine runs it
COMMAND = [str(ROOT / "scripts" / "wine"), str(BUILD / "eigenformer.exe")] if IS_WINDOWS else [str(BUILD / "eigenformer")]
GOLDEN = ROOT / "tests" / "golden"
LLAMA = GOLDEN / "llama" / "default"
GPT2 = GOLDEN / "gpt2" / "hub"
CHAT_MODEL = GOLDEN / "gguf" / "q4_1" / "model.gguf"  # with a tokenizer and a chat template
ERROR_LINE = r"\Aerror\[(?P<id>[a-z]+\.[a-z0-9_]+)\]: [^\n]+\n\Z"


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_program(self, *arguments, stdin="", **options):
        command = [*COMMAND, *map(str, arguments)]
        encoded = stdin if isinstance(stdin, bytes) else stdin.encode()
        return subprocess.run(command, input=encoded, capture_output=True, timeout=120, check=False, **options)

    def output(self, *arguments, **options):
        """Standard output of a run that must succeed and say nothing on standard error."""
        done = self.run_program(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""), arguments)
        return done.stdout.decode()

    def json(self, *arguments, **options):
        text = self.output(*arguments, **options)
        self.assertEqual(text.count("\n"), 1, text)
        return json.loads(text)

    def error(self, status, *arguments, **options):
        """The id and the line of a run that must fail with this exit status, one line, and no result."""
        done = self.run_program(*arguments, **options)
        line = done.stderr.decode()
        self.assertRegex(line, ERROR_LINE, arguments)
        self.assertEqual((done.returncode, done.stdout), (status, b""), line)
        return line[len("error[") : line.index("]")], line


def read_safetensors(path):
    """name -> (shape, numbers) of the F32 and I64 tensors of a file."""
    data = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = array.array({"F32": "f", "I64": "q"}[entry["dtype"]], body[begin:end])
        if sys.byteorder == "big":
            values.byteswap()
        assert len(values) == math.prod(entry["shape"]), name
        tensors[name] = (entry["shape"], values)
    return tensors


def relative_difference(found, expected):
    """max|a-b| / max|b|"""
    return max(abs(a - b) for a, b in zip(found, expected, strict=True)) / max(map(abs, expected))


def comma_separated(ids):
    return ",".join(map(str, ids))
