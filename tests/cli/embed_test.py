"""embed: lines in, vectors out."""

import json
import math
import subprocess
import unittest

import program

FOLDERS = program.ROOT / "tests" / "tasks" / "vectors"
MEAN, PROMPTS, LAYERS = FOLDERS / "mean", FOLDERS / "prompts", FOLDERS / "layers"
DECODER = program.CHAT_MODEL


class Embed(program.Case):
    def vectors(self, model, *arguments, stdin):
        return [json.loads(line) for line in self.output("embed", model, *arguments, stdin=stdin).splitlines()]

    def assert_near(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for a, b in zip(found, expected):
            self.assertEqual(len(a), len(b))
            self.assertLess(max(abs(x - y) for x, y in zip(a, b)), 5e-6)

    def test_lines_give_the_recorded_vectors(self):
        for folder in (MEAN, PROMPTS, LAYERS):
            golden = json.loads((folder / "embeddings.json").read_text())
            stdin = "".join(json.dumps(text) + "\n" for text in golden["texts"])
            found = self.vectors(folder, "--json-lines", stdin=stdin)
            self.assert_near(found, golden["embeddings"][""])
            lines = [text for text in golden["texts"] if "\n" not in text]
            found = self.vectors(folder, stdin="\n".join(lines))
            self.assertEqual(len(found), len(lines))
        golden = json.loads((PROMPTS / "embeddings.json").read_text())
        (found,) = self.vectors(PROMPTS, "--prompt-name", "passage", stdin=golden["texts"][0])
        self.assert_near([found], golden["embeddings"]["passage"][:1])
        (same,) = self.vectors(PROMPTS, "--prompt", "a house, ", stdin=golden["texts"][0])
        self.assertEqual(same, found)

    def test_length_one_or_not(self):
        def length(*arguments, model=DECODER):
            (vector,) = self.vectors(model, *arguments, stdin="hello the user\n")
            return math.hypot(*vector)

        self.assertAlmostEqual(length(), 1, 5)
        self.assertNotAlmostEqual(length("--no-normalize"), 1, 2)
        self.assertNotAlmostEqual(length(model=LAYERS), 1, 2)  # modules.json has no Normalize
        self.assertAlmostEqual(length("--normalize", model=LAYERS), 1, 5)

    def test_poolings_differ(self):
        names = ["mean", "cls", "last", "max"]
        found = [self.vectors(DECODER, "--pooling", name, stdin="hello the user\n") for name in names]
        self.assertEqual(len({str(vectors) for vectors in found}), 4)
        self.assertEqual(found[2], self.vectors(DECODER, stdin="hello the user\n"))

    def test_json_shows_the_text(self):
        found = self.json("embed", MEAN, "--json", stdin="a \"door\" é\n")
        self.assertEqual((found["text"], len(found["embedding"])), ('a "door" é', 20))

    def test_no_lines(self):
        self.assertEqual(self.output("embed", MEAN, stdin=""), "")
        self.assertEqual(len(self.vectors(MEAN, stdin="\n\n")), 2)

    def test_many_lines_are_those_of_one_by_one(self):
        lines = [f"the {'blue ' * (number % 7)}door is open" for number in range(600)]
        found = self.vectors(MEAN, stdin="\n".join(lines) + "\n")
        self.assertEqual(len(found), 600)
        for number in (0, 255, 256, 599):
            self.assertEqual(self.vectors(MEAN, stdin=lines[number]), [found[number]])

    def test_a_line_is_answered_before_the_next_is_there(self):
        command = [*program.COMMAND, "embed", str(MEAN)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            for _ in range(2):
                child.stdin.write(b"a door\n")
                child.stdin.flush()
                self.assertEqual(len(json.loads(child.stdout.readline())), 20)
            child.stdin.close()
            self.assertEqual(child.wait(), 0)

    def test_long_lines(self):
        self.assertEqual(len(self.vectors(MEAN, stdin="door " * 100)), 1)
        long = "hello " * 4000
        self.assertEqual(self.error(1, "embed", DECODER, stdin=long)[0], "usage.prompt_too_long")
        cut = self.vectors(DECODER, "--truncate", "--max-length", "3", stdin=long)
        ids = json.loads(self.output("tokenize", DECODER, stdin=long))[:3]
        first = self.output("tokenize", DECODER, "--decode", stdin=json.dumps(ids))
        self.assertEqual(cut, self.vectors(DECODER, stdin=first))

    def test_errors(self):
        for stdin in ("x", ""):
            self.assertEqual(self.error(1, "embed", program.LLAMA, stdin=stdin)[0], "tokenizer.missing")
        self.assertEqual(self.error(2, "embed", MEAN, "--pooling", "sum", stdin="x")[0], "usage.option_word")
        self.assertEqual(self.error(1, "embed", MEAN, "--prompt-name", "q", stdin="x")[0], "usage.prompt_name")
        self.assertEqual(self.error(1, "embed", MEAN, "--json-lines", stdin="[1]\n")[0], "usage.input_line")
        self.assertEqual(self.error(1, "embed", DECODER, stdin="\n")[0], "usage.prompt_empty")
        self.assertEqual(self.error(2, "embed", MEAN, "--normalize", "--no-normalize", stdin="x")[0],
                         "usage.command_line")

    def test_inspect_shows_the_size(self):
        self.assertEqual(self.json("inspect", LAYERS, "--json")["embedding_size"], 5)


if __name__ == "__main__":
    unittest.main()
