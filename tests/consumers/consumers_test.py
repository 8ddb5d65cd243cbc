"""Projects of somebody else: some find the installed library, some have the source tree."""

import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
MODEL = ROOT / "tests" / "golden" / "llama" / "default"
WRITER = ROOT / "tests" / "golden" / "gguf" / "q4_1" / "model.gguf"
TALK = ("--model", WRITER, "--max-new-tokens", "4", "hello")
# So that what is found is what the library's own package brings along.
NOTHING_ELSE = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON"
                for name in ("PkgConfig", "Eigen3", "nlohmann_json", "Threads", "eigenformer_pcre2",
                             "eigenformer_utf8proc")]


class Project(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    @staticmethod
    def output_of(*command):
        return subprocess.run(list(map(str, command)), capture_output=True, timeout=600, check=False)

    def run_command(self, *command):
        done = self.output_of(*command)
        output = done.stdout.decode(errors="replace")
        self.assertEqual(done.returncode, 0, output + done.stderr.decode(errors="replace"))
        return output

    def configure(self, project, *options):
        build = self.folder / "build"
        self.run_command("cmake", "-G", "Ninja", "-S", HERE / project, "-B", build, *options)
        return build

    def build(self, project, *options, target="all"):
        build = self.configure(project, *options)
        self.run_command("cmake", "--build", build, "--target", target)
        return build


class TheInstalledLibrary(Project):
    @classmethod
    def setUpClass(cls):
        cls.installed = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.installed.cleanup)
        cls.prefix = pathlib.Path(cls.installed.name) / "installed"
        done = cls.output_of("cmake", "--install", BUILD, "--prefix", cls.prefix)
        if done.returncode:
            raise RuntimeError((done.stdout + done.stderr).decode())
        cls.found = f"-DCMAKE_PREFIX_PATH={cls.prefix}"

    def expected(self):
        program = self.prefix / "bin" / "eigenformer"
        ids = self.run_command(program, "generate", MODEL, "--ids", "1", "-n", "5").strip().split(",")
        self.assertEqual(len(ids), 5)
        return ids

    def test_headers_are_there(self):
        headers = {path.name for path in (self.prefix / "include" / "eigenformer").iterdir()}
        self.assertLessEqual({"eigenformer.hpp", "chat.hpp", "chat-inl.hpp", "c_api.h"}, headers)

    def test_it_is_found(self):
        # Without pkg-config: the package brings modules that find what has no package of its own.
        build = self.build("find_package", self.found, "-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON")
        self.assertEqual(self.run_command(build / "consumer", MODEL).split(), [*self.expected(), "llama"])
        self.run_command(build / "no_exceptions_consumer", ROOT / "tests" / "golden" / "gguf" / "f32" / "model.gguf")
        talk = self.run_command(BUILD / "examples" / "talk_in_c" / "talk_in_c", *TALK)
        self.assertEqual(self.run_command(build / "c_consumer", *TALK), talk)

    def test_it_is_found_from_plain_c(self):
        build = self.build("find_package_c", self.found, *NOTHING_ELSE)
        talk = self.run_command(BUILD / "examples" / "talk_in_c" / "talk_in_c", *TALK)
        self.assertEqual(self.run_command(build / "consumer", *TALK), talk)

    def test_what_is_missing_is_said(self):
        done = self.output_of("cmake", "-G", "Ninja", "-S", HERE / "find_package", "-B", self.folder / "build",
                              self.found, "-DCMAKE_DISABLE_FIND_PACKAGE_eigenformer_pcre2=ON")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("eigenformer_pcre2", done.stderr.decode())

    def test_two_copies_in_one_process(self):
        build = self.build("two_copies", self.found)
        ids = " ".join(self.expected())
        said = self.run_command(build / "two_copies", MODEL)
        self.assertEqual([line.strip() for line in said.splitlines()], [ids] * 2)
        for name in ("first", "second"):
            shown = self.run_command("nm", "-D", "--defined-only", build / f"lib{name}.so")
            self.assertIn(f" T {name}_plugin\n", shown)
            self.assertNotIn("eigenformer", shown)


class TheSourceTree(Project):
    # One object shows that headers and options arrive; to build and link all of it would take minutes.

    def test_beside_the_project(self):
        self.build("add_subdirectory", target="consumer_objects")

    def test_fetched(self):
        self.build("fetch_content", f"-DFETCHCONTENT_SOURCE_DIR_EIGENFORMER={ROOT}", target="consumer_objects")


if __name__ == "__main__":
    unittest.main()
