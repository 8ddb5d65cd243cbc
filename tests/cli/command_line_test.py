"""What every command has in common: usage, refusals, names of models, numbers, output."""

import os
import subprocess
import unittest

import program

LATER_COMMANDS = "transcribe serve".split()
IDS = ["--ids", "1,2"]


class Usage(program.Case):
    def test_help_goes_to_standard_output(self):
        text = self.output("--help")
        for command in ("chat run generate logits attention tokenize template inspect perplexity bench classify tag answer "
                        "fill-mask next-sentence translate summarize").split():
            self.assertIn(f"\n  {command} ", text)
            self.assertIn("--compute", self.output(command, "--help"))
        for command in LATER_COMMANDS:
            self.assertNotIn(f"\n  {command} ", text)
        self.assertRegex(self.output("--version"), r"^eigenformer \d+\.\d+\.\d+\n$")

    def test_wrong_usage(self):
        for arguments in ([], ["dance"], ["--dance"], ["generate"], ["generate", program.LLAMA], ["tokenize"],
                          ["generate", program.LLAMA, *IDS, "--dance"], ["generate", program.LLAMA, *IDS, "more"],
                          ["template"], ["template", program.CHAT_MODEL, "--file", "x.jinja"], ["logits", "x", *IDS],
                          ["generate", program.LLAMA, *IDS, "-n"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.error(2, *arguments)[0], "usage.command_line")
        self.assertIn("found 'dance'", self.error(2, "dance")[1])

    def test_numbers(self):
        for option, value in (("--top-p", "nan"), ("--top-p", "1.5"), ("--top-p", "-0.1"), ("--top-p", "0,5"),
                              ("--temperature", "-1"), ("--temperature", "inf"),
                              ("--min-p", "x"), ("--repetition-penalty", "0"), ("--top-k", "-3"), ("--top-k", "1e3"),
                              ("--max-new-tokens", "0"), ("--max-new-tokens", "99999999999999999999"),
                              ("--threads", "0"), ("--threads", "1000000"), ("--seed", "-1"), ("--max-length", "2.5"),
                              ("--num-return-sequences", "0"), ("--beams", "0"), ("--beams", "1025"),
                              ("--length-penalty", "10.5")):
            with self.subTest(option=option, value=value):
                id, line = self.error(2, "generate", program.LLAMA, *IDS, f"{option}={value}")
                self.assertEqual(id, "usage.option_value")
                self.assertIn(option, line)
                self.assertIn(f"'{value}'", line)

    def test_words(self):
        for option, value in (("--compute", "slow"), ("--kv", "f64"), ("--weights", "q2"),
                              ("--early-stopping", "soon")):
            id, line = self.error(2, "generate", program.LLAMA, *IDS, option, value)
            self.assertEqual(id, "usage.option_word")
            self.assertIn(option, line)
        self.assertEqual(self.error(1, "generate", program.LLAMA, *IDS, "--isa", "mmx")[0], "usage.unknown_isa")

    def test_what_later_versions_bring_is_refused_by_its_name(self):
        for command in LATER_COMMANDS:
            id, line = self.error(1, command, "some-model", "--some-option", "x")
            self.assertEqual(id, "usage.not_yet")
            self.assertIn(f"the command {command},", line)
        base = ["run", program.CHAT_MODEL, "-p", "x"]
        for options in (["--adapter", "x"], ["--compute", "fast"], ["--json-schema", "x"],
                        ["--grammar", "x"], ["--regex", "x"]):
            with self.subTest(options=options):
                id, line = self.error(1, *base, *options)
                self.assertEqual(id, "usage.not_yet")
                self.assertIn(options[0], line)

    def test_quantized_weights(self):
        plain, quantized = program.GOLDEN / "quant", {}
        for word, types in (("as-is", "BF16"), ("q8", "Q8_0 + BF16"), ("q4", "Q4_1 + BF16 + Q8_0")):
            seen = self.json("inspect", plain / "llama", "--weights", word, "--json")
            self.assertEqual(seen["weight_types"], types)
            quantized[word] = seen["weight_bytes"]
        self.assertGreater(quantized["as-is"], quantized["q8"])
        self.assertGreater(quantized["q8"], quantized["q4"])
        for name, decoder in (("llama", []), ("gpt2", []), ("bert", []), ("t5", ["--decoder-ids", "0,3"])):
            logits = {}
            for word in ("as-is", "q8", "q4"):
                out = self.folder / f"{name}.{word}"
                self.output("logits", plain / name, *IDS, *decoder, "--weights", word, "--out", out)
                logits[word] = program.read_safetensors(out)["logits"][1]
            with self.subTest(model=name):
                self.assertNotEqual(logits["q8"], logits["as-is"])
                self.assertNotEqual(logits["q4"], logits["q8"])

    def test_options_work_everywhere(self):
        everywhere = ["--threads", "2", "--seed", "7", "--compute", "exact", "--isa", "scalar", "--weights", "as-is",
                      "--kv", "f32", "--json"]
        model = program.CHAT_MODEL
        text = self.folder / "text.txt"
        text.write_text("some text to read")
        for arguments, stdin in ((["run", model, "-p", "x", "-n", "2"], ""), (["generate", model, *IDS, "-n", "2"], ""),
                                 (["logits", model, *IDS, "--out", self.folder / "o"], ""),
                                 (["attention", model, "-p", "x", "--out", self.folder / "h"], ""),
                                 (["tokenize", model], "x\n"),
                                 (["template", model], '{"messages": []}'), (["perplexity", model, text], ""),
                                 (["inspect", model], ""), (["bench", model, "-p2", "-n2", "-b1", "-r1"], "")):
            with self.subTest(command=arguments[0]):
                self.json(*arguments, *everywhere, stdin=stdin)
        self.output("chat", model, "-n", "2", *everywhere, stdin="hello\n")


class Models(program.Case):
    def error_of(self, model, **environment):
        return self.error(1, "inspect", model, env={**os.environ, **environment})

    def test_absent_models(self):
        cache = {"EIGENFORMER_CACHE": str(self.folder)}
        id, line = self.error_of("smollm2-135m-instruct", **cache)
        self.assertEqual(id, "system.model_absent")
        self.assertIn("models/fetch smollm2-135m-instruct", line)
        self.assertIn(str(self.folder / "models"), line)
        id, line = self.error_of("no/such/folder", **cache)
        self.assertEqual(id, "system.model_absent")
        self.assertNotIn("run: models/fetch", line)
        self.assertEqual(self.error_of("model.gguf", **cache)[0], "system.model_absent")
        self.assertEqual(self.error_of("", **cache)[0], "system.model_absent")
        self.assertEqual(self.error_of("..", **cache)[0], "system.file_open")
        self.assertEqual(self.error(1, "chat", env={**os.environ, **cache})[0], "system.model_absent")

    def test_names_are_found_in_the_cache(self):
        models = self.folder / "eigenformer" / "models"
        models.mkdir(parents=True)
        (models / "a-folder").symlink_to(program.LLAMA)
        (models / "a-file").mkdir()
        (models / "a-file" / "weights.gguf").symlink_to(program.CHAT_MODEL)
        for environment in ({"EIGENFORMER_CACHE": str(self.folder / "eigenformer")},
                            {"EIGENFORMER_CACHE": "", "XDG_CACHE_HOME": str(self.folder)}):
            env = {**os.environ, **environment}
            self.assertEqual(self.json("inspect", "a-folder", "--json", env=env)["format"], "safetensors")
            self.assertEqual(self.json("inspect", "a-file", "--json", env=env)["format"], "GGUF")
        (self.folder / "home" / ".cache").mkdir(parents=True)
        (self.folder / "home" / ".cache" / "eigenformer").symlink_to(self.folder / "eigenformer")
        env = {key: value for key, value in os.environ.items() if key not in ("EIGENFORMER_CACHE", "XDG_CACHE_HOME")}
        self.json("inspect", "a-file", "--json", env={**env, "HOME": str(self.folder / "home")})

    def test_a_path_goes_before_a_name(self):
        (self.folder / "a-folder").symlink_to(program.LLAMA)
        self.json("inspect", "a-folder", "--json", cwd=self.folder)

    def test_broken_models(self):
        empty = self.folder / "empty.gguf"
        empty.write_bytes(b"")
        self.assertTrue(self.error_of(empty)[0].startswith("format."))
        self.assertTrue(self.error_of(self.folder)[0].startswith("system."))
        named = self.folder / "a\nnew\x1b[31mline.gguf"  # must not drive the terminal
        named.write_bytes(b"GGUX" + bytes(60))
        line = self.error_of(named)[1]
        self.assertNotIn("\x1b", line)


class Output(program.Case):
    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([*program.COMMAND, "generate", program.LLAMA, *IDS, "-n", "2"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith(b"error[system.output]"), done.stderr)

    def test_a_decimal_comma_changes_nothing(self):
        names = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
        text = self.folder / "text.txt"
        text.write_text("the same text in every country")
        arguments = ["perplexity", program.CHAT_MODEL, text]
        expected = self.output(*arguments, env={**os.environ, "LC_ALL": "C"})
        self.assertRegex(expected, r"^\d+\.\d{4}\n$")
        for locale in {"C", *(name for name in names if name.lower().startswith(("de_de", "fr_fr", "ru_ru")))}:
            env = {**os.environ, "LC_ALL": locale}
            self.assertEqual(self.output(*arguments, env=env), expected, locale)
            self.json("generate", program.LLAMA, *IDS, "--temperature", "0.5", "-n", "2", "--json", env=env)


if __name__ == "__main__":
    unittest.main()
