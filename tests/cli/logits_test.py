"""eigenformer logits and generate against the recordings of tests/golden."""

import json
import shutil
import unittest

import program

MODELS = {
    "llama": program.LLAMA,
    "gpt2": program.GPT2,
    "sharded": program.GOLDEN / "llama" / "sharded",
    "gguf": program.GOLDEN / "gguf" / "f32" / "model.gguf",
}


def recording(model):
    folder = model if model.is_dir() else model.parent
    return program.read_safetensors(folder / "golden.safetensors"), json.loads((folder / "golden.json").read_text())


class Logits(program.Case):
    def test_everything_equals_the_recording(self):
        for name, model in MODELS.items():
            tensors, golden = recording(model)
            ids = program.comma_separated(tensors.pop("input_ids")[1])
            for extra in ([], ["--chunk", "7"]):
                with self.subTest(model=name, extra=extra):
                    out = self.folder / "out.safetensors"
                    self.assertEqual(
                        self.output("logits", model, "--ids", ids, "--hidden-states", "--attentions", "--compute",
                                    "exact", "--out", out, *extra), "")
                    found = program.read_safetensors(out)
                    self.assertLessEqual(set(tensors), set(found))
                    for key, (shape, expected) in tensors.items():
                        self.assertEqual(found[key][0], shape, key)
                        difference = program.relative_difference(found[key][1], expected)
                        self.assertLess(difference, golden["tolerance"], key)

    def test_only_what_is_asked_for(self):
        out = self.folder / "out.safetensors"
        result = self.json("logits", program.LLAMA, "--ids", "1, 2,3", "--out", out, "--json")
        self.assertEqual(result, {"out": str(out), "tensors": {"logits": [3, 131]}})
        self.assertEqual(list(program.read_safetensors(out)), ["logits"])

    def test_errors(self):
        out = self.folder / "out.safetensors"
        base = ["logits", program.LLAMA, "--out", out]
        self.assertEqual(self.error(2, *base, "--ids", "1,x")[0], "usage.option_value")
        self.assertEqual(self.error(2, *base, "--ids", "-1")[0], "usage.option_value")
        self.assertEqual(self.error(2, *base, "--ids", "1,,2")[0], "usage.option_value")
        self.assertEqual(self.error(2, *base, "--ids", "99999999999")[0], "usage.option_value")
        self.assertEqual(self.error(1, *base, "--ids", "131")[0], "usage.token_id")
        self.assertEqual(self.error(1, *base, "--ids", "")[0], "usage.prompt_empty")
        self.assertEqual(self.error(1, *base, "--ids", "1", "--decoder-ids", "2")[0], "usage.not_for_decoder")
        self.assertEqual(self.error(1, *base, "--ids", "1", "--token-type-ids", "0")[0], "usage.not_for_decoder")
        self.assertFalse(out.exists())
        nowhere = self.folder / "absent" / "out.safetensors"
        self.assertEqual(self.error(1, "logits", program.LLAMA, "--ids", "1", "--out", nowhere)[0], "system.file_write")


def is_encoder(record):
    return not {"greedy", "pair"} & set(json.loads(record.read_text()))


ENCODERS = sorted(record.parent for record in program.GOLDEN.glob("*/*/golden.json") if is_encoder(record))


class Encoders(program.Case):
    def test_every_head_equals_the_recording(self):
        self.assertGreaterEqual(len(ENCODERS), 49)
        for model in ENCODERS:
            with self.subTest(model=model):
                tensors, golden = recording(model)
                ids = program.comma_separated(tensors.pop("input_ids")[1])
                types = tensors.pop("token_type_ids", None)
                more = [] if types is None else ["--token-type-ids", program.comma_separated(types[1])]
                out = self.folder / "out.safetensors"
                self.output("logits", model, "--ids", ids, *more, "--hidden-states", "--attentions", "--compute",
                            "exact", "--out", out)
                found = program.read_safetensors(out)
                for key, (shape, expected) in tensors.items():
                    self.assertEqual(found[key][0], shape, key)
                    self.assertLess(program.relative_difference(found[key][1], expected), golden["tolerance"], key)

    def test_wrong_use(self):
        bert = program.GOLDEN / "bert" / "hub"
        out = self.folder / "out.safetensors"
        base = ["logits", bert, "--out", out, "--ids", "1,2,3"]
        id, line = self.error(1, *base, "--token-type-ids", "0,1")
        self.assertEqual(id, "usage.token_types")
        self.assertIn("expected 3 token types, one for each token, found 2", line)
        id, line = self.error(1, *base, "--token-type-ids", "0,1,3")
        self.assertEqual(id, "usage.token_types")
        self.assertIn("expected token types from 0 to 2, found 3", line)
        id, line = self.error(1, *base, "--chunk", "2")
        self.assertEqual(id, "usage.not_for_encoder")
        self.assertIn("an encoder reads a text whole", line)
        id, line = self.error(1, "generate", bert, "--ids", "1,2")
        self.assertEqual(id, "usage.not_generative")
        self.assertIn("found the model bert, which does not", line)
        self.assertFalse(out.exists())

    def test_inspect_names_the_head(self):
        for folder, head in (("bert/hub", "masked language model"), ("bert/sentences", "none"),
                             ("roberta/question_answering", "question answering"),
                             ("electra/hub", "replaced token")):
            facts = self.json("inspect", program.GOLDEN / folder, "--json")
            self.assertEqual((facts["kind"], facts["head"]), ("encoder", head))


XLNET = program.GOLDEN / "xlnet" / "hub"


class TwoStreams(program.Case):
    def test_both_streams_equal_the_recording(self):
        calls = program.read_safetensors(XLNET / "segments.safetensors")
        tensors = {name.removeprefix("0."): value for name, value in calls.items() if name.startswith("0.")}
        options = []
        for name in ("input_ids", "token_type_ids", "perm_mask", "target_mapping"):
            values = program.comma_separated(tensors.pop(name)[1])
            options += ["--" + name.removeprefix("input_").replace("_", "-"), values]
        out = self.folder / "out.safetensors"
        self.output("logits", XLNET, *options, "--hidden-states", "--attentions", "--compute", "exact", "--out", out)
        found = program.read_safetensors(out)
        self.assertEqual(set(found), set(tensors))
        for key, (shape, expected) in tensors.items():
            self.assertEqual(found[key][0], shape, key)
            self.assertLess(program.relative_difference(found[key][1], expected), recording(XLNET)[1]["tolerance"], key)

    def test_continuations_equal_the_recording(self):
        for path in recording(XLNET)[1]["continuations"]:
            result = self.json("generate", XLNET, "--ids", program.comma_separated(path["prompt"]), "-n",
                               len(path["ids"]), "--repetition-penalty", path["penalty"], "--compute", "exact",
                               "--json")
            self.assertEqual([sequence["ids"] for sequence in result["sequences"]], [path["ids"]])

    def test_wrong_use(self):
        def id_of(status, model, *options):
            out = self.folder / "out.safetensors"
            return self.error(status, "logits", model, "--out", out, "--ids", "1,2", *options)[0]

        self.assertEqual(id_of(1, XLNET, "--perm-mask", "0,1,1"), "usage.perm_mask")
        self.assertEqual(id_of(2, XLNET, "--perm-mask", "0,1,2,0"), "usage.option_value")
        self.assertEqual(id_of(1, XLNET, "--target-mapping", "2"), "usage.target_mapping")
        self.assertEqual(id_of(1, program.LLAMA, "--target-mapping", "1"), "usage.no_segments")


class Generate(program.Case):
    def test_greedy_ids_equal_the_recording(self):
        for name, model in MODELS.items():
            for greedy in recording(model)[1]["greedy"]:
                with self.subTest(model=name, prompt=greedy["name"]):
                    ids = greedy.get("recomputed_ids", greedy["ids"])
                    result = self.json("generate", model, "--ids", program.comma_separated(greedy["prompt"]), "-n",
                                       len(ids), "--compute", "exact", "--json")
                    (sequence,) = result["sequences"]
                    self.assertEqual(sequence["ids"], ids)
                    self.assertEqual(sequence["finish_reason"], "length")
                    self.assertLess(sequence["score"], 0)

    def test_plain_output_is_ids(self):
        self.assertRegex(self.output("generate", program.LLAMA, "--ids", "88,37", "-n", "4"), r"\A\d+(,\d+){3}\n\Z")

    def test_seeds(self):
        def sample(seed, *more):
            return self.json("generate", program.LLAMA, "--ids", "88,37", "-n", "20", "--temperature", "1.5", "--json",
                             "--num-return-sequences", "3", "--seed", seed, *more)["sequences"]

        first = sample(1)
        self.assertEqual(len({tuple(sequence["ids"]) for sequence in first}), 3)
        self.assertEqual(first, sample(1, "--threads", "1", "--isa", "scalar"))
        self.assertNotEqual(first, sample(2))

    def config(self, content):
        path = self.folder / "generation_config.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def generate(self, content, *more):
        return self.json("generate", program.LLAMA, "--ids", "88,37,114,3,48", "--json", "--generation-config",
                         self.config(content), *more)["sequences"]

    def test_generation_config(self):
        greedy = recording(program.LLAMA)[1]["greedy"][0]["ids"]
        (sequence,) = self.generate({"max_new_tokens": 6, "temperature": 0.7, "pad_token_id": 0, "num_beams": 1,
                                     "use_cache": True, "bad_words_ids": None, "transformers_version": "5.0.0"})
        self.assertEqual(sequence["ids"], greedy[:6])
        (sequence,) = self.generate({"max_length": 9})
        self.assertEqual(sequence["ids"], greedy[:4])
        (sequence,) = self.generate({"max_length": 9}, "-n", "2")
        self.assertEqual(sequence["ids"], greedy[:2])
        (sequence,) = self.generate({"max_new_tokens": 9, "eos_token_id": [greedy[2], 5]})
        self.assertEqual((sequence["ids"], sequence["finish_reason"]), (greedy[:3], "eos"))
        sampled = self.generate({"do_sample": True, "top_k": 20, "top_p": 0.95, "temperature": 2.0, "max_new_tokens": 8,
                                 "num_return_sequences": 4, "repetition_penalty": 1.1})
        self.assertEqual(len({tuple(sequence["ids"]) for sequence in sampled}), 4)

    def test_generation_config_of_the_model(self):
        model = self.folder / "model"
        shutil.copytree(program.LLAMA, model)
        own = {"do_sample": False, "max_new_tokens": 7, "suppress_tokens": [3], "eos_token_id": 2}
        (model / "generation_config.json").write_text(json.dumps(own))

        def ids(*more):
            return self.json("generate", model, "--ids", "88,37,114,3,48", "--json", *more)["sequences"][0]["ids"]

        self.assertEqual(len(ids()), 7)
        self.assertEqual(len(ids("--max-length", "9")), 4)
        self.assertEqual(len(ids("--generation-config", self.config({"max_new_tokens": 3}))), 3)
        first = ids()[0]
        self.assertNotEqual(ids("--generation-config", self.config({"suppress_tokens": [first]}))[0], first)
        self.assertEqual(ids("--generation-config", self.config({"suppress_tokens": None})), ids())
        (model / "generation_config.json").write_text(json.dumps({"penalty_alpha": 0.5}))
        id, line = self.error(1, "generate", model, "--ids", "1")
        self.assertEqual(id, "config.generation_key")
        self.assertIn(f"generation_config.json of {model}", line)
        self.assertIn(", penalty_alpha: expected the value 0", line)

    def test_a_length_penalty_of_a_file_with_one_beam_counts_for_several(self):
        model = self.folder / "model"
        shutil.copytree(program.LLAMA, model)
        own = {"length_penalty": 2.0, "num_beams": 1, "max_new_tokens": 9}
        (model / "generation_config.json").write_text(json.dumps(own))

        def sequences(model, *more):
            return self.json("generate", model, "--ids", "88,37,114", "--json", *more)["sequences"]

        found = sequences(model, "--beams", "4")
        self.assertEqual(found, sequences(program.LLAMA, "-n", "9", "--beams", "4", "--length-penalty", "2"))
        self.assertNotEqual(found, sequences(program.LLAMA, "-n", "9", "--beams", "4"))
        self.assertEqual(sequences(model), sequences(program.LLAMA, "-n", "9"))
        for option in (("--length-penalty", "2"), ("--early-stopping", "true")):
            id, line = self.error(1, "generate", model, "--ids", "88", *option)
            self.assertEqual(id, "usage.beam_options")
            self.assertIn(f"{option[0]}: expected --beams above 1", line)

    def test_log_probabilities(self):
        (sequence,) = self.json("generate", program.LLAMA, "--ids", "88,37", "-n", "4", "--json", "--log-probabilities",
                                "2")["sequences"]
        self.assertAlmostEqual(sum(sequence["log_probabilities"]), sequence["score"])
        for id, chance, places in zip(sequence["ids"], sequence["log_probabilities"], sequence["alternatives"]):
            self.assertEqual(len(places), 2)
            self.assertEqual(places[0]["id"], id)
            self.assertAlmostEqual(places[0]["log_probability"], chance)
            self.assertLessEqual(places[1]["log_probability"], chance)

    def test_generation_config_that_is_not_honoured(self):
        for content, key in (({"num_beams": "4"}, "num_beams"), ({"early_stopping": "soon"}, "early_stopping"),
                             ({"penalty_alpha": 2}, "penalty_alpha"),
                             ({"suppress_tokens": ["3"]}, "suppress_tokens"), ({"my_key": 1}, "my_key"),
                             ({"max_new_tokens": "6"}, "max_new_tokens"), ({"max_new_tokens": -6}, "max_new_tokens"),
                             ({"do_sample": "yes"}, "do_sample"), ([], "the whole")):
            with self.subTest(content=content):
                id, line = self.error(1, "generate", program.LLAMA, "--ids", "1", "--json", "--generation-config",
                                      self.config(content))
                self.assertEqual(id, "config.generation_key")
                self.assertIn(key, line)
        id, _ = self.error(1, "generate", program.LLAMA, "--ids", "1", "--generation-config", self.config("{"))
        self.assertEqual(id, "format.json_syntax")
        id, _ = self.error(1, "generate", program.LLAMA, "--ids", "1", "--generation-config", self.folder / "absent")
        self.assertEqual(id, "system.input")


if __name__ == "__main__":
    unittest.main()
