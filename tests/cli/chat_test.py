"""eigenformer chat: through a pipe, and on a terminal with its keys."""

import json
import re
import unittest

import program
from terminal import Terminal

MODEL = program.CHAT_MODEL
SHORT = ["-n", "6"]
PROMPT = r"> "


class Piped(program.Case):
    def chat(self, *lines, options=SHORT):
        done = self.run_program("chat", MODEL, *options, stdin="".join(line + "\n" for line in lines))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def test_each_line_is_a_message(self):
        answers, notes = self.chat("Hello", "", "And you?")
        self.assertEqual(notes, "")
        first, _ = self.chat("Hello")
        self.assertTrue(answers.startswith(first))
        self.assertGreater(len(answers), len(first))
        self.assertEqual(self.chat()[0], "")

    def test_the_first_answer_is_that_of_run(self):
        done = self.output("run", MODEL, "--chat", "--system", "Be kind.", "-p", "Hello", *SHORT)
        self.assertEqual(self.chat("Hello", options=[*SHORT, "--system", "Be kind."])[0], done)
        self.assertEqual(self.chat("/system Be kind.", "Hello")[0], done)

    def test_reset_forgets(self):
        first, _ = self.chat("Hello")
        again, notes = self.chat("Hello", "/reset", "Hello")
        self.assertEqual(again, first + first)
        self.assertEqual(notes, "(forgotten)\n")

    def test_save_and_load(self):
        file = self.folder / "chat.json"
        answers, notes = self.chat("/system Be kind.", "Hello", f"/save {file}", "And you?")
        self.assertIn(f"(saved in {file})", notes)
        roles = [message["role"] for message in json.loads(file.read_text())["messages"]]
        self.assertEqual(roles, ["system", "user", "assistant"])
        continued, notes = self.chat(f"/load {file}", "And you?")
        self.assertIn("(3 messages", notes)
        self.assertTrue(answers.endswith(continued))

    def test_a_failure_does_not_end_the_chat(self):
        first, _ = self.chat("Hello")
        bad = self.folder / "bad.json"
        bad.write_text('{"messages": 3}')
        answers, notes = self.chat("/load", "/load /no/such/file", f"/load {bad}", "/save /no/such/folder/f", "/dance",
                                   "/help", "Hello")
        self.assertEqual(answers, first)
        ids = re.findall(r"(?m)^error\[(.*?)\]: ", notes)
        self.assertEqual(ids[:2], ["usage.chat_file", "system.input"])
        self.assertRegex(ids[2], r"^(format|chat)\.")
        self.assertEqual(ids[3:], ["system.file_write", "usage.chat_command"])
        self.assertIn("/system TEXT", notes)

    def test_quit(self):
        first, _ = self.chat("Hello")
        self.assertEqual(self.chat("Hello", "/quit", "Hello")[0], first)

    def test_a_model_without_a_template(self):
        id, line = self.error(1, "chat", program.GOLDEN / "gguf" / "q8_0" / "model.gguf", stdin="Hello\n")
        self.assertEqual(id, "chat.no_template")
        self.assertIn("run", line)

    def test_an_encoder(self):
        id, line = self.error(1, "chat", program.ROOT / "tests" / "tasks" / "data" / "bert_tag", stdin="Hello\n")
        self.assertEqual(id, "usage.chat_needs_decoder")
        self.assertIn("expected a decoder-only model to chat with, found the encoder bert; use a model made to talk; "
                      "eigenformer inspect shows the kind of one", line)


@unittest.skipIf(program.IS_WINDOWS, "a terminal of POSIX is no console of Windows")
class OnATerminal(program.Case):
    def terminal(self, *arguments, **environment):
        return Terminal([*program.COMMAND, "chat", *map(str, arguments)], **environment)

    def test_editing_history_and_end(self):
        with self.terminal(MODEL, *SHORT) as terminal:
            terminal.expect(PROMPT)
            terminal.type("/syxtem\x7f\x7f\x7f\x7fstem Be kind.\r")  # a typo, mended
            terminal.expect(r"\(heard\)")
            terminal.expect(PROMPT)
            terminal.type("\x1b[A")  # the line before
            terminal.expect(r"/system Be kind\.")
            terminal.type("\x03/reset\r")  # cleared by Ctrl-C, which ends nothing
            terminal.expect(r"\(forgotten\)")
            terminal.expect(PROMPT)
            terminal.type("\x04")
            self.assertEqual(terminal.wait(), 0)

    def test_other_alphabets(self):
        for environment in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C"}):
            with self.terminal(MODEL, *SHORT, **environment) as terminal:
                terminal.expect(PROMPT)
                terminal.type(f"/save {self.folder}/元é.json\r")
                terminal.expect(r"\(saved in ")
                terminal.expect(PROMPT)
                self.assertTrue((self.folder / "元é.json").exists())
                (self.folder / "元é.json").unlink()
                terminal.type("/quit\r")
                self.assertEqual(terminal.wait(), 0)

    def test_ctrl_c_stops_the_answer_and_not_the_program(self):
        with self.terminal("-n", "4000", "--temperature", "1.2", "--seed", "3") as terminal:  # the default model
            terminal.expect(r"smollm2-135m-instruct")
            terminal.expect(PROMPT)
            terminal.type("Tell me a very long story about a lighthouse.\r")
            terminal.expect(r"lighthouse\.\r\n")
            terminal.expect(r"(?:\S+ ){12}")  # of the answer: the question, which may be echoed twice, has fewer
            terminal.type("\x03")
            terminal.expect(r"\(stopped\)", seconds=10)
            terminal.expect(PROMPT)
            terminal.type("Say hello.\r")
            terminal.expect(r"hello\.\r\n")
            terminal.expect(r"\w+ \w+ \w+")  # of the answer: a busy machine echoes the question twice
            terminal.type("\x03")
            terminal.expect(PROMPT)
            terminal.type("/quit\r")
            self.assertEqual(terminal.wait(), 0)


if __name__ == "__main__":
    unittest.main()
