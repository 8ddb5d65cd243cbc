"""eigenformer attention: the page holds the weights that `logits --attentions` gives; no text leaves its place in it."""

import base64
import html.parser
import json
import shutil
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
        tensors = self.logits(program.CHAT_MODEL, "--ids", program.comma_separated(ids))
        self.assertEqual((shown["name"], shown["triangle"]), ("decoder", True))
        self.assert_map(shown, tensors, "attentions.")

    def assert_map(self, shown, tensors, prefix):
        """A map of the page is what the file of `logits` holds under this name, layer by layer."""
        found, rest = weights(shown)
        self.assertIsNone(rest)
        names = [name for name in tensors if name.startswith(prefix)]
        self.assertEqual(shown["layers"], len(names))
        for layer in range(shown["layers"]):
            (heads, rows, columns), values = tensors[f"{prefix}{layer}"]
            read = shown.get("columns", shown["rows"])
            self.assertEqual((shown["heads"], len(shown["rows"]), len(read)), (heads, rows, columns))
            for place, value in enumerate(values):
                head, row, column = place // (rows * columns), place // columns % rows, place % columns
                self.assertAlmostEqual(found.get((layer, head, row, column), 0), value, delta=0.51 / 65535)

    def logits(self, model, *arguments):
        out = self.folder / "out.safetensors"
        self.output("logits", model, *arguments, "--attentions", "--compute", "exact", "--out", out)
        return program.read_safetensors(out)

    def test_an_encoder_looks_both_ways(self):
        model = self.folder / "bert"
        shutil.copytree(program.GOLDEN / "bert" / "sentences", model)
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"word{number}" for number in range(36))]
        (model / "vocab.txt").write_text("".join(word + "\n" for word in words), encoding="utf-8")
        data = self.page(model, "-p", "word7 word3 WORD9", "--compute", "exact")
        self.assertEqual(data["model"], "bert")
        (shown,) = data["maps"]
        self.assertEqual((shown["name"], shown["triangle"]), ("encoder", False))
        self.assertEqual([token["text"] for token in shown["rows"]], ["[CLS]", "word7", "word3", "WORD9", "[SEP]"])
        self.assertEqual([token["id"] for token in shown["rows"]], [2, 12, 8, 14, 3])
        self.assert_map(shown, self.logits(model, "--ids", "2,12,8,14,3"), "attentions.")
        id, line = self.error(1, "attention", model, "-p", "word1", "--target", "x", "--out", self.folder / "o")
        self.assertEqual(id, "usage.no_encoder")
        self.assertIn("--target", line)

    def pair_model(self):
        """T5 with a tokenizer of its 131 words."""
        model = self.folder / "t5"
        shutil.copytree(program.GOLDEN / "t5" / "hub", model)
        vocabulary = {word: id for id, word in enumerate(["<pad>", "</s>", "<unk>", *(f"w{n}" for n in range(128))])}
        special = [{"id": id, "content": word, "single_word": False, "lstrip": False, "rstrip": False,
                    "normalized": False, "special": True} for word, id in list(vocabulary.items())[:3]]
        end = [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}]
        tokenizer = {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None,
            "pre_tokenizer": {"type": "Whitespace"},
            "post_processor": {"type": "TemplateProcessing", "single": end,
                               "pair": [end[0], {"Sequence": {"id": "B", "type_id": 0}}, end[1]],
                               "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
            "decoder": None,
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}}
        (model / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
        return model

    def test_an_encoder_decoder_has_three_kinds_of_maps(self):
        model = self.pair_model()
        data = self.page(model, "-p", "w5 w77 w9", "--target", "w30 w31", "--compute", "exact")
        maps = {shown["name"]: shown for shown in data["maps"]}
        self.assertEqual(list(maps), ["cross", "encoder", "decoder"])
        self.assertEqual([token["text"] for token in maps["encoder"]["rows"]], ["w5", "w77", "w9", "</s>"])
        self.assertEqual([token["id"] for token in maps["decoder"]["rows"]], [0, 33, 34])
        self.assertEqual([token["text"] for token in maps["decoder"]["rows"]], ["<pad>", "w30", "w31"])
        self.assertEqual(maps["cross"]["rows"], maps["decoder"]["rows"])
        self.assertEqual(maps["cross"]["columns"], maps["encoder"]["rows"])
        tensors = self.logits(model, "--ids", "8,80,12,1", "--decoder-ids", "0,33,34")
        self.assert_map(maps["cross"], tensors, "cross_attentions.")
        self.assert_map(maps["encoder"], tensors, "encoder_attentions.")
        self.assert_map(maps["decoder"], tensors, "attentions.")

    def test_the_decoder_says_its_likeliest_answer(self):
        model = self.pair_model()
        out = self.folder / "heat.html"
        result = self.json("attention", model, "-p", "w5 w77 w9", "--out", out, "--json", "--compute", "exact")
        answer = self.json("generate", model, "--ids", "8,80,12,1", "--json", "--compute", "exact", "-n", "64")
        ids = [id for id in answer["sequences"][0]["ids"] if id != 1]
        self.assertEqual([one["name"] for one in result["maps"]], ["cross", "encoder", "decoder"])
        self.assertEqual(result["maps"][0]["source_tokens"], 4)
        data = self.page(model, "-p", "w5 w77 w9", "--compute", "exact")
        self.assertEqual([token["id"] for token in data["maps"][0]["rows"]], [0, *ids])

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
        self.assertEqual(self.error(1, *base, "-p", "x " * 10000)[0], "usage.prompt_too_long")
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
