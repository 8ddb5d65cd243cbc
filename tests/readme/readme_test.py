"""The snippets of the README do what it says they do."""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", README)


def commands(block):
    """(command, what it prints) of a console block."""
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in re.split(r"(?m)^\$ ", block) if part]


class Readme(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_command(self, *command, **options):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600, check=False,
                              **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_it_begins_with_the_two_commands(self):
        first = [line.split("#")[0].strip() for line in README.splitlines() if line.startswith("    ")]
        self.assertEqual(first[:2], ["make chat", "make test"])

    def test_commands_print_what_stands_below_them(self):
        found = [entry for block in blocks("console") for entry in commands(block)]
        self.assertGreater(len(found), 3)
        for command, expected in found:
            with self.subTest(command=command):
                here = command.replace("build/release/", shlex.quote(str(BUILD)) + "/")
                self.assertEqual(self.run_command("sh", "-c", here), expected)

    def test_the_first_program_is_the_example(self):
        self.assertEqual(blocks("cpp")[0], (ROOT / "examples" / "hello" / "hello.cpp").read_text())

    def test_programs_compile_and_run(self):
        libraries = self.run_command("pkg-config", "--libs", "libpcre2-8", "libutf8proc").split()
        for source in blocks("cpp")[1:]:
            file, program = self.folder / "snippet.cpp", self.folder / "snippet"
            file.write_text(source)
            self.run_command(os.environ.get("CXX", "c++"), "-std=c++20", "-I", ROOT / "include", file, "-o", program,
                             BUILD / "libeigenformer.a", *libraries, "-pthread")
            self.assertIn("error[system.file_open]", self.run_command(program))

    def test_the_program_in_c_compiles_and_runs(self):
        self.assertEqual(len(blocks("c")), 1)
        file, program = self.folder / "snippet.c", self.folder / "snippet"
        file.write_text(blocks("c")[0])
        self.run_command(os.environ.get("CC", "cc"), "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-I",
                         ROOT / "include", file, "-o", program, "-L", BUILD, "-leigenformer_c", f"-Wl,-rpath,{BUILD}")
        self.assertIn("error[system.file_open]", self.run_command(program))
        model = ROOT / "tests" / "tasks" / "data" / "bert_tag"
        self.assertIn("error[usage.chat_needs_decoder]", self.run_command(program, model))

    def test_cmake_snippets(self):
        prefix = self.folder / "installed"
        self.run_command("cmake", "--install", BUILD, "--prefix", prefix)
        snippets = blocks("cmake")
        self.assertEqual(len(snippets), 2)
        for number, snippet in enumerate(snippets):
            project = self.folder / f"project{number}"
            project.mkdir()
            (project / "app.cpp").write_text(blocks("cpp")[0])
            (project / "CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.25)\nproject(app LANGUAGES CXX)\nadd_executable(app app.cpp)\n"
                + snippet)
            self.run_command("cmake", "-G", "Ninja", "-S", project, "-B", project / "build",
                             f"-DCMAKE_PREFIX_PATH={prefix}", f"-DFETCHCONTENT_SOURCE_DIR_EIGENFORMER={ROOT}")

    def test_every_command_of_the_program_is_in_the_table(self):
        rows = re.findall(r"(?m)^\| `([\w-]+)[^`]*` \|", README)
        shown = re.findall(r"(?m)^  ([a-z][a-z-]*) ", self.run_command(BUILD / "eigenformer", "--help"))
        self.assertEqual(sorted(rows), sorted(shown))

    def test_links_lead_somewhere(self):
        for link in re.findall(r"\]\(([^)#]+)\)", README):
            if "://" not in link:
                self.assertTrue((ROOT / link).exists(), link)


if __name__ == "__main__":
    unittest.main()
