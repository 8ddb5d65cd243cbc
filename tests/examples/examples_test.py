"""The examples, as a visitor meets them."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
ASSISTANT = BUILD / "examples" / "metaverse_assistant" / "metaverse_assistant"
TINY = ROOT / "tests" / "golden" / "gguf" / "q4_1" / "model.gguf"
SHORT = ["--model", str(TINY), "--max-new-tokens", "4"]
REAL = ["--max-new-tokens", "8"]  # the default model, whose context holds a persona in any language


def run(program, *arguments, stdin=""):
    return subprocess.run([program, *arguments], input=stdin.encode(), capture_output=True, timeout=300, check=False)


class Hello(unittest.TestCase):
    def test_it_answers(self):
        done = run(BUILD / "examples" / "hello" / "hello")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertGreater(len(done.stdout.split()), 5)


class Assistant(unittest.TestCase):
    def visit(self, *arguments, stdin):
        done = run(ASSISTANT, *arguments, stdin=stdin)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))
        return done.stdout.decode()

    def test_a_question_about_the_metaverse(self):
        said = self.visit("--seed", "1", stdin="What is the metaverse?\nexit\n")
        self.assertTrue(said.startswith("Welcome to the metaverse!\nWhat would you like to know? Virtual assistant: "))
        answer = said.partition("Virtual assistant: ")[2].partition("\nWhat would you")[0]
        self.assertIn("virtual", answer.lower())
        self.assertTrue(said.endswith("What would you like to know? Goodbye, and come back soon!\n"))

    def test_chinese_lines(self):
        said = self.visit(*REAL, "--lang", "zh", stdin="\n你好\n再见\n你好\n")
        self.assertEqual(said.count("欢迎来到元宇宙!"), 1)
        self.assertEqual(said.count("您有什么问题吗?"), 3)
        self.assertEqual(said.count("虚拟助手: "), 1)
        self.assertEqual(said.count("This model knows little Chinese"), 1)
        self.assertNotIn("little Chinese", self.visit(*REAL, stdin="hello\n"))

    def test_ways_to_leave(self):
        for word in ("exit", "QUIT", " bye ", "再见"):
            self.assertEqual(self.visit(*SHORT, stdin=f"{word}\nhello\n").count("Virtual assistant: "), 0)
        said = self.visit(*SHORT, stdin="")
        self.assertTrue(said.endswith("know? \nGoodbye, and come back soon!\n"), said)

    def test_options_pass_through(self):
        options = ("--max-length 1024 --top-p 0.95 --top-k 50 --num-return-sequences 1 --temperature 1.5 --min-p 0.01 "
                   "--repetition-penalty 1.1 --threads 1").split()
        first = self.visit(*REAL, *options, "--seed", "1", stdin="hello\n")
        self.assertEqual(first, self.visit(*REAL, *options, "--seed", "1", stdin="hello\n"))
        self.assertNotEqual(first, self.visit(*REAL, *options, "--seed", "2", stdin="hello\n"))

    def test_personas(self):
        self.assertIn("Innkeeper: ", self.visit(*SHORT, "--persona", "innkeeper", stdin="hello\n"))
        lines = {"welcome": "W", "question": "Q", "speaker": "S:", "farewell": "F", "system": ""}
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "mine.json"
            file.write_text(json.dumps({"personas": [{"name": "mine", "lines": {"en": lines}}]}))
            self.assertTrue(self.visit(*SHORT, "--personas", str(file), stdin="bye\n").startswith("W\nQ F\n"))
            self.assertIn(b"expected", run(ASSISTANT, "--personas", str(file), "--lang", "zh").stderr)
        for persona in json.loads((ASSISTANT.parent / "personas.json").read_text())["personas"]:
            for language in ("en", "zh"):
                self.visit(*SHORT, "--persona", persona["name"], "--lang", language, stdin="bye\n")

    def test_failures_are_one_line(self):
        for arguments, part in ((["--model", "/no/such"], "error[system.model_absent]"),
                                ([*SHORT, "--persona", "nobody"], "guide, librarian, innkeeper"),
                                ([*SHORT, "--top-p", "7"], "error[usage.option_range]"),
                                ([*SHORT, "--num-return-sequences", "2"], "error[usage.")):
            done = run(ASSISTANT, *arguments, stdin="hello\n")
            self.assertEqual(done.returncode, 1, arguments)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            self.assertIn(part, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
