"""The snippets of docs/guide.md compile, run, and print what stands below them."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
END = "--- end of snippet"


class Snippet:
    """Lines of C++, whether they run, and what they print then."""

    def __init__(self, info, code, output):
        self.runs = info == "cpp"
        self.code = code
        self.output = output


def blocks(text):
    """(info string, lines) of each fenced block, in order."""
    return re.findall(r"(?ms)^```(\w[^\n]*)\n(.*?)^```$", text)


def preamble(text):
    return next(code for info, code in blocks(text) if info == "cpp preamble")


def snippets(text):
    found = []
    for info, code in blocks(text):
        if info == "text":
            found[-1].output = code
        elif info != "cpp preamble":
            found.append(Snippet(info, code, ""))
    return found


def program(text):
    """One program with a function for each snippet; main calls those that run."""
    functions, calls = [], []
    for number, snippet in enumerate(snippets(text)):
        functions.append(f"void snippet_{number}() {{\n{snippet.code}}}\n")
        if snippet.runs:
            calls.append(f'  snippet_{number}();\n  std::cout << "{END}\\n" << std::defaultfloat;\n')
        else:
            calls.append(f"  static_cast<void>(snippet_{number});\n")
    body = "\nnamespace {\n\n" + "\n".join(functions) + "\n}  // namespace\n"
    return preamble(text) + body + "\nint main() {\n" + "".join(calls) + "}\n"


class Guide(unittest.TestCase):
    maxDiff = 4000

    def test_snippets_print_what_stands_below_them(self):
        pkg_config = ["pkg-config", "--libs", "libpcre2-8", "libutf8proc"]
        libraries = subprocess.run(pkg_config, capture_output=True, text=True, check=True).stdout.split()
        with tempfile.TemporaryDirectory() as folder:
            source, binary = pathlib.Path(folder, "guide.cpp"), pathlib.Path(folder, "guide")
            source.write_text(program(GUIDE), encoding="utf-8")
            compiler = [os.environ.get("CXX", "c++"), "-std=c++20", "-Wall", "-Wextra", "-Werror"]
            command = [*compiler, "-I", ROOT / "include", source, "-o", binary, BUILD / "libeigenformer.a", *libraries,
                       "-pthread"]
            built = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600, check=False)
            self.assertEqual(built.returncode, 0, built.stderr)
            done = subprocess.run([str(binary)], capture_output=True, text=True, timeout=600, check=False, cwd=folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        running = [snippet for snippet in snippets(GUIDE) if snippet.runs]
        printed = done.stdout.split(END + "\n")[:-1]
        self.assertEqual(len(printed), len(running))
        for snippet, output in zip(running, printed):
            with self.subTest(code=snippet.code):
                self.assertEqual(output, snippet.output)

    def test_nothing_runs_without_a_word(self):
        for snippet in snippets(GUIDE):
            self.assertEqual(bool(snippet.output), snippet.runs, snippet.code)


class ReadingTheGuide(unittest.TestCase):
    TEXT = "# A\n```cpp preamble\n#include <x>\n```\n```cpp\na();\n```\n\n```text\n1\n2\n```\n```cpp compile\nb();\n```\n"

    def test_snippets(self):
        first, second = snippets(self.TEXT)
        self.assertEqual((first.runs, first.code, first.output), (True, "a();\n", "1\n2\n"))
        self.assertEqual((second.runs, second.code, second.output), (False, "b();\n", ""))

    def test_program(self):
        text = program(self.TEXT)
        self.assertTrue(text.startswith("#include <x>\n"))
        self.assertIn("  snippet_0();\n", text)
        self.assertNotIn("  snippet_1();\n", text)


if __name__ == "__main__":
    unittest.main()
