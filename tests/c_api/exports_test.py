"""The shared library shows the functions of its header and nothing else; the header is C99, and says what each does."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
HEADER = ROOT / "include" / "eigenformer" / "c_api.h"
TEXT = HEADER.read_text(encoding="utf-8")
DECLARATION = re.compile(r"(?m)^EIGENFORMER_C_API [^;]*?\b(eigenformer_\w+)\(")


def run(*command, stdin=""):
    return subprocess.run(list(map(str, command)), input=stdin, capture_output=True, text=True, timeout=60, check=False)


class TheSharedLibrary(unittest.TestCase):
    def test_it_shows_the_functions_of_the_header_alone(self):
        done = run("nm", "-D", "--defined-only", BUILD / "libeigenformer_c.so")
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = [line.split()[-2:] for line in done.stdout.splitlines()]
        self.assertEqual({kind for kind, _ in shown}, {"T"}, shown)
        self.assertEqual(sorted(name for _, name in shown), sorted(DECLARATION.findall(TEXT)))


class TheHeader(unittest.TestCase):
    def test_it_compiles_by_itself(self):
        for compiler, standards in (("cc", ["c99", "c11"]), ("clang-16", ["c99", "c11"]), ("c++", ["c++11", "c++20"])):
            if not shutil.which(compiler):
                continue
            for standard in standards:
                done = run(compiler, f"-std={standard}", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only",
                           "-x", "c++" if "++" in standard else "c", f"-I{ROOT / 'include'}", "-",
                           stdin='#include "eigenformer/c_api.h"\nint unused_but_not_empty;\n')
                self.assertEqual(done.returncode, 0, f"{compiler} {standard}: {done.stderr}")

    def test_every_function_is_documented(self):
        self.assertGreater(len(DECLARATION.findall(TEXT)), 50)
        for found in DECLARATION.finditer(TEXT):
            self.assertTrue(TEXT[: found.start()].rsplit("\n", 2)[-2].startswith("///"), found[1])


if __name__ == "__main__":
    unittest.main()
