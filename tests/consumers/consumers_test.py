"""Projects of somebody else: one finds the installed library, one has the source tree beside it."""

import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
MODEL = ROOT / "tests" / "golden" / "llama" / "default"


class Consumers(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_command(self, *command, **options):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=600, check=False,
                              **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def configure(self, project, *options):
        build = self.folder / "build"
        self.run_command("cmake", "-G", "Ninja", "-S", HERE / project, "-B", build, *options)
        return build

    def test_an_installed_library_is_found(self):
        prefix = self.folder / "installed"
        self.run_command("cmake", "--install", BUILD, "--prefix", prefix)
        program = prefix / "bin" / "eigenformer"
        expected = self.run_command(program, "generate", MODEL, "--ids", "1", "-n", "5").strip().split(",")
        self.assertEqual(len(expected), 5)
        headers = {path.name for path in (prefix / "include" / "eigenformer").iterdir()}
        self.assertLessEqual({"eigenformer.hpp", "chat.hpp", "chat-inl.hpp"}, headers)
        build = self.configure("find_package", f"-DCMAKE_PREFIX_PATH={prefix}")
        self.run_command("cmake", "--build", build)
        self.assertEqual(self.run_command(build / "consumer", MODEL).split(), [*expected, "llama"])

    def test_a_source_tree_beside_the_project(self):
        build = self.configure("add_subdirectory")
        # One object shows that headers and options arrive; to build and link all of it would take minutes.
        self.run_command("cmake", "--build", build, "--target", "consumer_objects")


if __name__ == "__main__":
    unittest.main()
