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
MEMORY = BUILD / "examples" / "semantic_memory" / "semantic_memory"
EMBEDDER = ROOT / "tests" / "tasks" / "vectors" / "mean"
OTHER_EMBEDDER = ROOT / "tests" / "tasks" / "vectors" / "ends"
TALK_IN_C = BUILD / "examples" / "talk_in_c" / "talk_in_c"
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

    def test_a_wrong_option_ends_as_in_the_program(self):
        for program in (ASSISTANT, MEMORY):
            done = run(program, "--no-such-option")
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(b"--no-such-option", done.stderr)
            self.assertEqual(run(program, "--help").returncode, 0)

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


class SemanticMemory(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def talk(self, *lines, model=EMBEDDER):
        done = run(MEMORY, "--model", str(model), stdin="\n".join(lines))
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))
        return done.stdout.decode().splitlines()

    def test_it_remembers(self):
        said = self.talk("ask a door", "remember the door is blue", "remember who opens it", "ask who opens it", "sing")
        self.assertEqual(said[:3], ["  I remember nothing.", "I remember 1 thing.", "I remember 2 things."])
        self.assertEqual(said[3], "  1.000  who opens it")
        self.assertTrue(said[4].endswith("  the door is blue"), said)
        self.assertTrue(said[5].startswith("Say: "))

    def test_a_village_is_remembered_saved_and_loaded(self):
        done = run(MEMORY, "--model", str(EMBEDDER), "--demo", "--top", "2")
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))
        lines = done.stdout.decode().splitlines()
        self.assertTrue(lines[0].startswith("Remembered 10000 sentences in "), lines[0])
        self.assertEqual(len(lines), 1 + 5 * 3 + 1)
        self.assertRegex(lines[-1], r"^Saved \d+ kB, loaded: the same memory\.$")

    def test_a_damaged_file_is_one_error(self):
        file = self.folder / "memory"
        said = self.talk("remember the door is blue", "remember who opens it", f"save {file}", f"load {file}")
        self.assertEqual(said[2:], ["Saved.", "I remember 2 things."])
        whole = file.read_bytes()
        damaged = [whole[:size] for size in range(len(whole))]
        damaged += [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(len(whole))]
        damaged += [whole + b"x", b"", b"EFMEMORY" + b"\xff" * 300]
        for number, data in enumerate(damaged):
            (self.folder / str(number)).write_bytes(data)
        loads = [f"load {self.folder / str(number)}" for number in range(len(damaged))]
        said = self.talk("remember a key", *loads, "ask a key")
        self.assertEqual(len(said), 1 + len(damaged) + 1)
        for line in said[1:-1]:
            self.assertRegex(line, r"^error\[format\.memory_(?:file|model)\]: ")
        self.assertEqual(said[-1], "  1.000  a key")  # what it had before, it still has

    def test_a_memory_belongs_to_its_model(self):
        file = self.folder / "memory"
        self.talk("remember the door is blue", f"save {file}")
        (said,) = self.talk(f"load {file}", model=OTHER_EMBEDDER)
        self.assertTrue(said.startswith("error[format.memory_model]: "), said)
        (said,) = self.talk(f"load {self.folder / 'nowhere'}")
        self.assertTrue(said.startswith("error[system.memory_file]: "), said)
        (said,) = self.talk(f"load {self.folder}")
        self.assertTrue(said.startswith("error[system.memory_file]: "), said)

    def test_failures_are_one_line(self):
        done = run(MEMORY, "--model", "/no/such")
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1))
        self.assertIn("error[system.model_absent]", done.stderr.decode())


class TalkInC(unittest.TestCase):
    def test_it_talks(self):
        done = run(TALK_IN_C, *SHORT, "hello", "and then?")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        lines = done.stdout.decode(errors="replace").splitlines()
        self.assertEqual([line for line in lines if line.startswith("> ")], ["> hello", "> and then?"])
        self.assertGreater(len(done.stdout), len(b"> hello\n\n> and then?\n\n"))
        self.assertEqual(done.stdout, run(TALK_IN_C, *SHORT, "hello", "and then?").stdout)
        self.assertTrue(run(TALK_IN_C, *SHORT).stdout.startswith(b"> What can I do here?\n"))

    def test_it_compares(self):
        for first, second, expected in (("the door", "the door", b"1.000\n"), ("the door", "who opens it", None)):
            done = run(TALK_IN_C, "--embedder", str(EMBEDDER), first, second)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(done.stdout == b"1.000\n", expected is not None, done.stdout)

    def test_failures_are_one_line(self):
        for arguments, part in ((["--model", "/no/such"], "error[system.model_absent]"),
                                (["--model", str(TINY), "--max-new-tokens", "0"], "error[usage.option_range]"),
                                ([*SHORT, "x" * 2000], "error[chat.message_too_long]"),
                                (["--embedder", str(TINY), "", ""], "error[usage.prompt_empty]")):
            done = run(TALK_IN_C, *arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            self.assertIn(part, done.stderr.decode())

    def test_wrong_arguments(self):
        for arguments in (["--model"], ["--no-such", "1"], ["--embedder", str(EMBEDDER), "one"]):
            self.assertEqual(run(TALK_IN_C, *arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main()
