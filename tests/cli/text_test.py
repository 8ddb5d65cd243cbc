"""tokenize, template, run, perplexity, inspect, bench: text in, text or JSON out."""

import json
import unittest

import program

MODEL = program.CHAT_MODEL
DATA = program.ROOT / "tests" / "tokenize" / "data"
GGUF, WORDS = DATA / "gguf", DATA / "uncased"
PAIR = '["a cat", "the dog sat on it"]\n'


class Tokenize(program.Case):
    def lines(self, *arguments, stdin):
        return [json.loads(line) for line in self.output("tokenize", MODEL, *arguments, stdin=stdin).splitlines()]

    def recorded(self):
        return json.loads((MODEL.parent / "golden.json").read_text())["texts"]

    def test_lines_in_arrays_out(self):
        texts = [entry for entry in self.recorded() if "\n" not in entry["text"]]
        self.assertGreater(len(texts), 0)
        found = self.lines(stdin="".join(entry["text"] + "\n" for entry in texts))
        self.assertEqual(found, [entry["ids"] for entry in texts])
        self.assertEqual(self.lines(stdin=texts[0]["text"]), [texts[0]["ids"]])  # without a last newline
        self.assertEqual(self.lines(stdin="\n\n"), [[], []])
        self.assertEqual(self.lines(stdin=""), [])

    def test_json_lines_hold_newlines(self):
        text = "two\nlines\tand é 你好"
        (ids,) = self.lines("--json-lines", stdin=json.dumps(text) + "\n")
        back = self.output("tokenize", MODEL, "--decode", "--json-lines", stdin=json.dumps(ids))
        self.assertEqual(json.loads(back), text)

    def test_decoding_is_the_way_back(self):
        text = "Hello, wörld! 你好 <|im_end|>"
        (ids,) = self.lines(stdin=text)
        self.assertEqual(self.output("tokenize", MODEL, "--decode", stdin=json.dumps(ids)), text + "\n")
        without = self.output("tokenize", MODEL, "--decode", "--no-special", stdin=json.dumps(ids))
        self.assertEqual(without, "Hello, wörld! 你好 \n")

    def test_offsets_are_bytes(self):
        text = "aé b"
        (found,) = self.lines("--offsets", stdin=text)
        self.assertEqual(len(found["ids"]), len(found["offsets"]))
        self.assertEqual((found["offsets"][0][0], found["offsets"][-1][1]), (0, len(text.encode())))

    def test_bytes_that_are_no_text(self):
        self.assertEqual(len(self.lines(stdin=b"a\xff\xfe\xc3\n")), 1)

    def test_pairs(self):
        """The numbers are those of transformers 5.23.0."""
        (found,) = self.of_words("--pairs", "--details", stdin=PAIR)
        self.assertEqual(found["ids"], [2, 43, 45, 1363, 3, 893, 986, 1182, 575, 57, 564, 959, 3])
        self.assertEqual(found["type_ids"], [0] * 5 + [1] * 8)
        self.assertEqual(found["texts"], [-1, 0, 0, 0, -1, 1, 1, 1, 1, 1, 1, 1, -1])
        self.assertEqual(found["words"], [-1, 0, 1, 1, -1, 0, 1, 2, 2, 3, 3, 4, -1])
        self.assertEqual(found["offsets"][5:8], [[0, 3], [4, 7], [8, 10]])
        self.assertEqual(self.of_words("--pairs", stdin=PAIR), [found["ids"]])

    def test_windows(self):
        cut = ("--pairs", "--max-length", "8")
        (found,) = self.of_words(*cut, "--stride", "1", "--truncation", "only_second", stdin=PAIR)
        begin = [2, 43, 45, 1363, 3]
        tails = [[893, 986], [986, 1182], [1182, 575], [575, 57], [57, 564], [564, 959]]
        self.assertEqual(found, [begin + tail + [3] for tail in tails])
        self.assertEqual(self.of_words(*cut, stdin=PAIR)[0][0], [2, 43, 45, 3, 893, 986, 1182, 3])
        self.assertEqual(self.of_words("--max-length", "4", stdin="the dog sat\n")[0][0], [2, 893, 986, 3])
        (windows,) = self.of_words(*cut, "--details", "--truncation", "only_second", stdin=PAIR)
        self.assertEqual(windows[0]["words"], [-1, 0, 1, 1, -1, 0, 1, -1])

    def test_pairs_and_windows_refuse(self):
        for arguments, stdin, id in (
            (("--pairs",), '["a"]', "usage.input_line"),
            (("--pairs",), '"a"', "usage.input_line"),
            (("--max-length", "2"), "a", "usage.truncation"),
            (("--max-length", "4", "--stride", "5"), "the dog sat", "usage.truncation"),
            (("--pairs", "--max-length", "8", "--truncation", "only_first"), PAIR, "usage.truncation"),
            (("--max-length", "8", "--truncation", "middle"), "a", "usage.option_word"),
            (("--max-length", "1e3"), "a", "usage.option_value"),
            (("--stride", "1"), "a", "usage.command_line"),
        ):
            status = 2 if id in ("usage.option_word", "usage.option_value", "usage.command_line") else 1
            self.assertEqual(self.error(status, "tokenize", WORDS, *arguments, stdin=stdin)[0], id, arguments)

    def test_vocabularies_of_gguf_files(self):
        text = "the dog sat, unhappily!\n"
        for name, folder in (("bert", "uncased"), ("llama", "spm_bpe"), ("t5", "spm_unigram")):
            found = self.output("tokenize", GGUF / f"{name}.gguf", stdin=text)
            self.assertEqual(found, self.output("tokenize", DATA / folder, stdin=text), name)

    def of_words(self, *arguments, stdin):
        return [json.loads(line) for line in self.output("tokenize", WORDS, *arguments, stdin=stdin).splitlines()]

    def test_no_weights_are_needed(self):
        folder = self.folder
        (folder / "vocab.json").write_text(json.dumps({"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3}))
        (folder / "merges.txt").write_text("#version: 0.2\na b\n")
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "GPT2Tokenizer"}))
        self.assertEqual(self.output("tokenize", folder, stdin="abba\n"), "[2,1,0]\n")

    def test_errors(self):
        for stdin in ("[1, -2]", "[1.5]", '"x"', "[99999999999]", "[[1]]"):
            self.assertEqual(self.error(1, "tokenize", MODEL, "--decode", stdin=stdin)[0], "usage.input_line")
        id, line = self.error(1, "tokenize", MODEL, "--json-lines", stdin="[1]\n")
        self.assertEqual(id, "usage.input_line")
        self.assertIn("line 1", line)
        id, line = self.error(1, "tokenize", MODEL, "--json-lines", stdin="x\n")
        self.assertEqual(id, "format.json_syntax")
        self.assertIn("standard input, line 1", line)
        self.assertIn("correct this line", line)
        self.assertEqual(self.error(1, "tokenize", program.LLAMA)[0], "tokenizer.missing")


class Template(program.Case):
    MESSAGES = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Grüß Gott\n"}]

    def test_of_a_model(self):
        given = json.dumps({"messages": self.MESSAGES, "add_generation_prompt": True})
        self.assertEqual(self.output("template", MODEL, stdin=given),
                         "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nGrüß Gott\n<|im_end|>\n"
                         "<|im_start|>assistant\n")
        without = json.dumps({"messages": self.MESSAGES[1:]})
        self.assertEqual(self.output("template", MODEL, stdin=without),
                         "<|im_start|>user\nGrüß Gott\n<|im_end|>\n")

    def test_of_a_file(self):
        file = self.folder / "t.jinja"
        file.write_text("{{ bos_token }}{% for m in messages %}{{ m.content | upper }} {{ extra[0] }}{% endfor %}"
                        "{{ tools is none }}\n\n")
        given = json.dumps({"messages": [{"content": "a"}], "bos_token": "<s>", "extra": [7]})
        self.assertEqual(self.output("template", "--file", file, stdin=given), "<s>A 7True\n")
        self.assertEqual(self.json("template", "--file", file, "--json", stdin=given), {"prompt": "<s>A 7True\n"})

    def test_errors(self):
        file = self.folder / "t.jinja"
        for stdin in ("", "[]", "{", '"x"'):
            self.assertEqual(self.error(1, "template", MODEL, stdin=stdin)[0], "usage.template_input")
        file.write_text("one\n{% nothing %}")
        id, line = self.error(1, "template", "--file", file, stdin="{}")
        self.assertTrue(id.startswith("chat.template_"), line)
        self.assertIn("line 2", line)
        file.write_text("{{ raise_exception('no such role') }}")
        id, line = self.error(1, "template", "--file", file, stdin="{}")
        self.assertEqual(id, "chat.template_raised")
        self.assertIn("no such role", line)
        self.assertEqual(self.error(1, "template", program.LLAMA, stdin="{}")[0], "chat.no_template")
        self.assertEqual(self.error(1, "template", "--file", self.folder / "no", stdin="{}")[0], "system.input")


class Run(program.Case):
    def test_a_prompt(self):
        plain = self.output("run", MODEL, "-p", "Hello", "-n", "8")
        self.assertTrue(plain.endswith("\n"))
        found = self.json("run", MODEL, "-p", "Hello", "-n", "8", "--json")
        (sequence,) = found["sequences"]
        self.assertEqual(found["prompt"], "Hello")
        self.assertEqual(sequence["text"] + "\n", plain)
        self.assertLessEqual(len(sequence["ids"]), 8)
        self.assertEqual(set(sequence), {"text", "ids", "score", "finish_reason"})

    def test_lines_in_lines_out(self):
        found = [json.loads(line) for line in
                 self.output("run", MODEL, "-n", "3", "--json", stdin="Hello\nagain").splitlines()]
        self.assertEqual([entry["prompt"] for entry in found], ["Hello", "again"])

    def test_texts_that_begin_with_a_hyphen(self):
        for arguments in (["-p", "-hello"], ["--prompt", "--json"], ["--prompt=-n"], ["-p", "- one"]):
            self.assertTrue(self.output("run", MODEL, *arguments, "-n", "2").endswith("\n"), arguments)

    def test_stop_strings(self):
        text = self.json("run", MODEL, "-p", "Hello", "-n", "30", "--json")["sequences"][0]["text"]
        middle = text[len(text) // 2]
        stopped = self.json("run", MODEL, "-p", "Hello", "-n", "30", "--json", "--stop", "nowhere", "--stop", middle)
        self.assertEqual(stopped["sequences"][0]["text"], text[: text.index(middle)])
        self.assertEqual(stopped["sequences"][0]["finish_reason"], "stop")

    def test_banned_texts(self):
        text = self.json("run", MODEL, "-p", "Hello", "-n", "30", "--json")["sequences"][0]["text"]
        middle = text[len(text) // 2 :][:2]
        banned = self.json("run", MODEL, "-p", "Hello", "-n", "30", "--json", "--ban", "nowhere", "--ban", middle)
        self.assertNotIn(middle.lower(), banned["sequences"][0]["text"].lower())
        self.assertNotEqual(banned["sequences"][0]["text"], text)
        streamed = self.output("run", MODEL, "-p", "Hello", "-n", "30", "--ban", middle)
        self.assertEqual(streamed, banned["sequences"][0]["text"] + "\n")
        self.output("run", MODEL, "-p", "Hello", "-n", "2", "--ban", "-hello")
        self.assertEqual(self.error(1, "run", MODEL, "-p", "x", "--ban", "y", "--beams", "2")[0], "usage.ban_beams")

    def test_chat_applies_the_template(self):
        message = self.output("run", MODEL, "--chat", "--system", "Be kind.", "-p", "Hi", "-n", "8", "--temperature",
                              "0")
        prompt = self.output("template", MODEL, stdin=json.dumps({
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
            "add_generation_prompt": True}))
        self.assertEqual(message, self.output("run", MODEL, "-p", prompt, "-n", "8"))
        found = self.json("run", MODEL, "--chat", "--system", "Be kind.", "-p", "Hi", "-n", "8", "--temperature", "0",
                          "--json")
        self.assertEqual(found["sequences"][0]["text"] + "\n", message)

    def test_filters_mean_sampling(self):
        first = self.output("run", MODEL, "-p", "Hello", "-n", "20", "--top-k", "50", "--seed", "1")
        self.assertNotEqual(first, self.output("run", MODEL, "-p", "Hello", "-n", "20", "--top-k", "50", "--seed", "2"))
        several = self.output("run", MODEL, "-p", "Hello", "-n", "4", "--temperature", "1", "--num-return-sequences",
                              "3", "--json")
        self.assertEqual(len(json.loads(several)["sequences"]), 3)

    def test_errors(self):
        self.assertEqual(self.error(1, "run", MODEL, "-p", "x", "--num-return-sequences", "2")[0],
                         "usage.greedy_sequences")
        self.assertEqual(self.error(1, "run", MODEL, "-p", "")[0], "usage.prompt_empty")
        self.assertEqual(self.error(1, "run", program.LLAMA, "-p", "x")[0], "tokenizer.missing")


    def test_choose(self):
        self.assertIn(self.output("run", MODEL, "-p", "One two", "--choose", " three| four").rstrip("\n"),
                      (" three", " four"))
        for chat in ([], ["--chat"]):
            found = self.json("run", MODEL, "-p", "One two", "--choose", "yes|no|maybe so", "--json", *chat)
            self.assertEqual([choice["text"] for choice in found["choices"]], ["yes", "no", "maybe so"])
            self.assertAlmostEqual(sum(choice["probability"] for choice in found["choices"]), 1)
            best = max(found["choices"], key=lambda choice: choice["log_probability"])
            self.assertEqual(found["choice"], best["text"])
            self.assertLess(best["log_probability"], 0)
        self.assertEqual(self.error(1, "run", program.LLAMA, "-p", "x", "--choose", "a|b")[0], "tokenizer.missing")


class Facts(program.Case):
    def test_perplexity(self):
        text = self.folder / "text.txt"
        text.write_text("Once upon a time there was a small model that read a text. " * 4)
        plain = self.output("perplexity", MODEL, text)
        found = self.json("perplexity", MODEL, text, "--json", "--window", "32")
        self.assertGreater(found["perplexity"], 1)
        self.assertEqual(found["window"], 32)
        self.assertGreater(float(plain), 1)
        piped = self.output("perplexity", MODEL, "-", stdin=text.read_text())
        self.assertEqual(piped, plain)
        self.assertEqual(self.error(1, "perplexity", MODEL, self.folder)[0], "system.input")
        self.assertEqual(self.error(1, "perplexity", MODEL, text, "--window", "100000")[0], "usage.window")

    def test_inspect(self):
        found = self.json("inspect", MODEL, "--json", "--threads", "1", "--isa", "scalar")
        expected = {"architecture": "llama", "kind": "decoder", "format": "GGUF", "hidden_size": 64, "heads": 4,
                    "isa": "scalar", "threads": 1, "chat_template": "understood", "compute": "auto", "cache": "f16"}
        self.assertEqual({key: found[key] for key in expected}, expected)
        self.assertIn("Q4_1", found["weight_types"])
        self.assertGreater(found["weight_bytes"], 10000)
        self.assertEqual(found["tokenizer"]["vocabulary_size"], found["vocabulary_size"])
        sizes = {kv: self.json("inspect", MODEL, "--json", "--kv", kv) for kv in ("f32", "f16", "int8")}
        self.assertEqual({kv: size["cache"] for kv, size in sizes.items()}, {kv: kv for kv in sizes})
        bytes_of = {kv: size["cache_bytes_per_1024_tokens"] for kv, size in sizes.items()}
        self.assertEqual(bytes_of["f32"], 2 * bytes_of["f16"])
        head_dim = found["hidden_size"] // found["heads"]
        scales = 4 * -(-head_dim // 32)
        self.assertEqual(bytes_of["int8"] * 2 * head_dim, bytes_of["f16"] * (head_dim + scales))
        table = self.output("inspect", program.LLAMA)
        self.assertRegex(table, r"(?m)^architecture +llama$")
        self.assertRegex(table, r"(?m)^tokenizer +none$")
        self.assertRegex(table, r"(?m)^chat template +none$")
        bare = self.json("inspect", program.LLAMA, "--json")
        self.assertEqual((bare["tokenizer"], bare["chat_template"]), (None, None))
        self.assertEqual(len(table.splitlines()), len(found))

    def test_bench(self):
        found = self.json("bench", MODEL, "-p", "8", "-n", "4", "-b", "1,3", "-r", "2", "--json", "--threads", "1")
        self.assertEqual(list(found), ["model", "isa", "threads", "load_seconds", "first_token_seconds",
                                       "resident_bytes", "limits", "results"])
        self.assertEqual([(entry["test"], entry["tokens"], entry["batch"], entry["depth"])
                          for entry in found["results"]],
                         [("prefill", 8, 1, 0), ("decode", 4, 1, 0), ("decode", 4, 3, 0)])
        for entry in found["results"]:
            speed = entry["tokens_per_second"]
            self.assertTrue(0 < speed["min"] <= speed["median"] <= speed["max"], speed)
        for limit in ("read_gb_s", "f32_gflops", "int8_gops"):
            self.assertGreater(found["limits"][limit], 0)
        table = self.output("bench", MODEL, "-p", "0", "-n", "2", "-b", "2", "-r", "1")
        self.assertRegex(table, r"(?m)^decode +2 +2 +0 +[\d.]+ +[\d.]+ +[\d.]+ +\d+ %$")
        self.assertEqual(self.error(1, "bench", MODEL, "-p", "100000")[0], "usage.prompt_too_long")
        deep = self.json("bench", MODEL, "-p", "3", "-n", "2", "-b", "2", "-d", "0,100", "-r", "1", "--json")
        self.assertEqual([(entry["test"], entry["batch"], entry["depth"]) for entry in deep["results"]],
                         [("prefill", 1, 0), ("decode", 2, 0), ("prefill", 1, 100), ("decode", 2, 100)])
        self.assertEqual(self.error(1, "bench", MODEL, "-p", "0", "-d", "100000")[0], "usage.prompt_too_long")
        self.assertEqual(self.error(2, "bench", MODEL, "-b", "0")[0], "usage.option_value")


if __name__ == "__main__":
    unittest.main()
