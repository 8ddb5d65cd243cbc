"""eigenformer attention: the page holds the weights that `logits --attentions` gives; no text leaves its place in it."""

import base64
import html.parser
import json
import struct
import unittest

import program

TEXT = 'A </script><img src="http://example.org/x"> <!-- & "quoted" \u202e \\ \t end'


class Scripts(html.parser.HTMLParser):
    """What a browser takes for scripts, and every element's name and addresses."""

    def __init__(self, page):
        super().__init__()
        self.scripts, self.names, self.addresses = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset", "action")]
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.lasttag == "script":
            self.scripts[-1] += data


def weights(map_of_page):
    """{(layer, head, row, column): weight} of a map, as the script of the page reads them."""
    raw = base64.b64decode(map_of_page["weights"], validate=True)
    numbers = iter(struct.unpack(f"<{len(raw) // 2}H", raw))
    rows = len(map_of_page["rows"])
    columns = len(map_of_page.get("columns", map_of_page["rows"]))
    found = {}
    for layer in range(map_of_page["layers"]):
        for head in range(map_of_page["heads"]):
            for row in range(rows):
                for column in range(row + 1 if map_of_page["triangle"] else columns):
                    found[layer, head, row, column] = next(numbers) / 65535
    return found, next(numbers, None)


class Attention(program.Case):
    def page(self, *arguments, stdin=""):
        out = self.folder / "heat.html"
        self.assertEqual(self.output("attention", *arguments, "--out", out, stdin=stdin), "")
        page = out.read_text(encoding="utf-8")
        parsed = Scripts(page)
        self.assertEqual(len(parsed.scripts), 2)
        self.assertTrue(parsed.scripts[1].strip().startswith('"use strict"'))
        self.assertNotIn("img", parsed.names)
        self.assertEqual(parsed.addresses, ["data:,"])
        self.assertIn("default-src 'none'", page)
        return json.loads(parsed.scripts[0])

    def test_the_weights_are_those_of_logits(self):
        data = self.page(program.CHAT_MODEL, "-p", TEXT, "--compute", "exact")
        self.assertEqual(data["model"], "model.gguf")
        (shown,) = data["maps"]
        ids = [token["id"] for token in shown["rows"]]
        self.assertEqual(ids, json.loads(self.output("tokenize", program.CHAT_MODEL, stdin=TEXT)))
        found, rest = weights(shown)
        self.assertIsNone(rest)
        out = self.folder / "out.safetensors"
        self.output("logits", program.CHAT_MODEL, "--ids", program.comma_separated(ids), "--attentions", "--compute",
                    "exact", "--out", out)
        tensors = program.read_safetensors(out)
        maps = [name for name in tensors if name.startswith("attentions.")]
        self.assertEqual((shown["name"], shown["layers"], shown["triangle"]), ("decoder", len(maps), True))
        for layer in range(shown["layers"]):
            (heads, rows, columns), values = tensors[f"attentions.{layer}"]
            self.assertEqual((shown["heads"], len(ids), len(ids)), (heads, rows, columns))
            for place, value in enumerate(values):
                head, row, column = place // (rows * columns), place // columns % rows, place % columns
                self.assertAlmostEqual(found.get((layer, head, row, column), 0), value, delta=0.51 / 65535)

    def test_tokens_are_parts_of_the_text(self):
        text = TEXT.replace("\u202e", "")  # a character of several tokens stands with each of them
        (shown,) = self.page(program.CHAT_MODEL, "-p", text)["maps"]
        self.assertEqual("".join(token["text"] for token in shown["rows"]).replace(" ", ""), text.replace(" ", ""))

    def test_standard_input_and_json(self):
        out = self.folder / "heat.html"
        result = self.json("attention", program.CHAT_MODEL, "--out", out, "--json", stdin="some\ntext\n")
        self.assertEqual((result["out"], result["bytes"]), (str(out), out.stat().st_size))
        (shown,) = result["maps"]
        self.assertEqual(shown["name"], "decoder")
        self.assertGreater(shown["tokens"], 2)

    def test_errors(self):
        out = self.folder / "heat.html"
        base = ["attention", program.CHAT_MODEL, "--out", out]
        self.assertEqual(self.error(1, *base, "-p", "")[0], "usage.prompt_empty")
        self.assertEqual(self.error(1, *base, "-p", "x " * 20000)[0], "usage.prompt_too_long")
        self.assertEqual(self.error(1, "attention", program.LLAMA, "-p", "x", "--out", out)[0], "tokenizer.missing")
        self.assertEqual(self.error(2, "attention", program.CHAT_MODEL, "-p", "x")[0], "usage.command_line")
        self.assertFalse(out.exists())
        nowhere = self.folder / "absent" / "heat.html"
        id, _ = self.error(1, "attention", program.CHAT_MODEL, "-p", "x", "--out", nowhere)
        self.assertEqual(id, "system.file_write")

    def test_a_text_that_is_too_long_for_a_page(self):
        id, line = self.error(1, "attention", "smollm2-135m-instruct", "-p", "word " * 400, "--out", self.folder / "o")
        self.assertEqual(id, "usage.page_too_large")
        self.assertIn("expected at most 249 tokens for a page with the 270 maps of this model, found 4", line)


if __name__ == "__main__":
    unittest.main()
