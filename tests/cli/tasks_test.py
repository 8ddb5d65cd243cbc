"""classify, tag, answer, fill-mask, next-sentence, translate, summarize: lines in, a line of JSON or text out for each."""

import json
import shutil
import unittest

import program

MODELS = program.ROOT / "tests" / "tasks" / "data"


def recorded(model, task, file="recorded.json"):
    """Calls without options."""
    calls = json.loads((MODELS / model / file).read_text())[task]
    return [call for call in calls if "\n" not in str(call.get("text")) and not call.get("cut")]


class Case(program.Case):
    def lines(self, *arguments, stdin):
        text = self.output(*arguments, "--compute", "exact", stdin=stdin)
        return [json.loads(line) for line in text.splitlines()]

    def assert_close(self, found, expected):
        self.assertLess(abs(found - expected), 1e-5)


class Classify(Case):
    def test_lines(self):
        calls = [call for call in recorded("bert_classify", "classify") if call["second"] is None
                 and call["problem_type"] is None and set(call) <= {"text", "second", "problem_type", "cut", "result"}]
        found = self.lines("classify", MODELS / "bert_classify", stdin="".join(call["text"] + "\n" for call in calls))
        self.assertEqual(len(found), len(calls))
        self.assertGreater(len(calls), 10)
        for labels, call in zip(found, calls):
            self.assertEqual([one["label"] for one in labels], [one["label"] for one in call["result"]])
            for one, other in zip(labels, call["result"]):
                self.assert_close(one["score"], other["score"])

    def test_options(self):
        model = MODELS / "bert_classify"
        (best,) = self.lines("classify", model, "--top-k", "1", stdin="Paris\n")
        self.assertEqual(len(best), 1)
        (raw,) = self.lines("classify", model, "--function", "none", "--json-lines", stdin='"two\\nlines"\n')
        self.assertEqual(len(raw), 4)
        (pair,) = self.lines("classify", model, "--pairs", stdin='["Paris", "Rome"]\n')
        self.assertAlmostEqual(sum(one["score"] for one in pair), 1, places=6)
        self.assertEqual(self.error(1, "classify", model, "--pairs", stdin='"Paris"\n')[0], "usage.input_line")
        self.assertEqual(self.error(1, "classify", model, stdin="Paris " * 200)[0], "usage.prompt_too_long")
        self.assertEqual(len(self.lines("classify", model, "--truncate", stdin="Paris " * 200)), 1)
        self.assertEqual(self.lines("classify", model, stdin=""), [])
        self.assertEqual(self.error(2, "classify", model, "--function", "tanh", stdin="")[0], "usage.option_word")

    def test_the_lines_before_a_bad_one_are_answered_and_it_is_named(self):
        done = self.run_program("classify", MODELS / "bert_classify", stdin="Paris\n\n" + "Paris " * 200 + "\nRome\n")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.decode(), self.output("classify", MODELS / "bert_classify", stdin="Paris\n\n"))
        self.assertRegex(done.stderr.decode(), r"\Aerror\[usage.prompt_too_long\]: standard input, line 3: expected at most "
                         r"64 tokens, found \d+; shorten the text, or have it cut: LongText::cut, --truncate\n\Z")

    def test_the_lines_before_one_that_is_no_json_are_answered(self):
        done = self.run_program("classify", MODELS / "bert_classify", "--json-lines", stdin='"Paris"\n[1]\n"Rome"\n')
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.decode(), self.output("classify", MODELS / "bert_classify", stdin="Paris\n"))
        self.assertRegex(done.stderr.decode(), r"\Aerror\[usage.input_line\]: standard input, line 2: ")

    def test_xlnet_out_of_spiece_model(self):
        calls = [call for call in recorded("xlnet_classify", "classify") if call["second"] is None
                 and call["problem_type"] is None and set(call) <= {"text", "second", "problem_type", "cut", "result"}]
        found = self.lines("classify", MODELS / "xlnet_classify", stdin="".join(call["text"] + "\n" for call in calls))
        self.assertGreater(len(calls), 10)
        for labels, call in zip(found, calls, strict=True):
            self.assertEqual([one["label"] for one in labels], [one["label"] for one in call["result"]])
        self.assertIn("context length               no limit\n", self.output("inspect", MODELS / "xlnet_classify"))

    def test_another_model(self):
        id, line = self.error(1, "classify", program.CHAT_MODEL, stdin="")
        self.assertEqual(id, "usage.task")
        self.assertIn('expected a model with the head "sequence classification", for classify', line)


class Tag(Case):
    def test_entities_and_tokens(self):
        model = MODELS / "bert_tag"
        for strategy in ("none", "first", "average"):
            calls = [call for call in recorded("bert_tag", "tag") if call["aggregation_strategy"] == strategy
                     and "ignore_labels" not in call and "stride" not in call]
            found = self.lines("tag", model, "--aggregation", strategy,
                               stdin="".join(call["text"] + "\n" for call in calls))
            self.assertEqual(len(found), len(calls))
            for tags, call in zip(found, calls):
                names = ("entity" if strategy == "none" else "entity_group", "word", "start", "end")
                self.assertEqual([[tag[key] for key in ("label", "text", "start", "end")] for tag in tags],
                                 [[tag[key] for key in names] for tag in call["result"]])

    def test_bytes_and_options(self):
        model, text = MODELS / "bert_tag", "naïve café Paris"
        (tags,) = self.lines("tag", model, "--aggregation", "none", "--ignore", "nothing", stdin=text)
        for tag in tags:
            begin, end = tag["bytes"]
            self.assertEqual(text.encode()[begin:end].decode(), text[tag["start"]:tag["end"]])
        self.assertEqual(self.error(1, "tag", model, stdin="Paris " * 200)[0], "usage.prompt_too_long")
        self.assertEqual(len(self.lines("tag", model, "--stride", "5", stdin="Paris " * 200)), 1)
        self.assertEqual(self.error(2, "tag", model, "--stride", "5", "--truncate")[0], "usage.command_line")
        self.assertEqual(self.error(1, "tag", MODELS / "bert_classify", stdin="")[0], "usage.task")


class Answer(Case):
    def test_questions(self):
        model, file = MODELS / "roberta_answer", self.folder / "context.txt"
        calls = [call for call in recorded("roberta_answer", "answer", "answers.json")
                 if call.get("top_k") == 5 and len(call) == 4]
        self.assertGreater(len(calls), 5)
        for call in calls:
            file.write_text(call["context"])
            (found,) = self.lines("answer", model, "--context", file, "--top-k", "5", stdin=call["question"] + "\n")
            self.assertEqual([[one[key] for key in ("answer", "start", "end")] for one in found],
                             [[one[key] for key in ("answer", "start", "end")] for one in call["result"]])
            for one, other in zip(found, call["result"]):
                self.assert_close(one["score"], other["score"])

    def test_xlnet_may_have_no_answer(self):
        file = self.folder / "context.txt"
        for call in recorded("xlnet_answer", "answer"):
            file.write_text(call["context"])
            (found,) = self.lines("answer", MODELS / "xlnet_answer", "--context", file, "--top-k", "400",
                                  "--impossible", "--json-lines", stdin=json.dumps(call["question"]) + "\n")
            (none,) = [one for one in found if not one["answer"]]
            self.assertLessEqual(none["score"], 1)

    def test_wrong_use(self):
        model = MODELS / "bert_answer"
        self.assertEqual(self.error(2, "answer", model, stdin="Who?\n")[0], "usage.command_line")
        self.assertEqual(self.error(1, "answer", model, "--context", "no/such", stdin="Who?\n")[0], "system.input")
        (self.folder / "c").write_text("text")
        self.assertEqual(self.error(1, "answer", model, "--context", self.folder / "c", stdin="\n")[0],
                         "usage.question_empty")
        self.assertEqual(self.error(1, "answer", MODELS / "bert_tag", "--context", self.folder / "c")[0], "usage.task")
        id, line = self.error(2, "answer", model, "--context", "-", stdin="Who?\n")
        self.assertEqual(id, "usage.option_value")
        self.assertIn("--context: expected a file: standard input has the questions, found '-'", line)
        id, line = self.error(1, "answer", model, "--context", self.folder / "c", stdin="who " * 80)
        self.assertEqual(id, "usage.truncation")
        self.assertIn("standard input, line 1: expected a question that leaves its context more than the stride", line)


class FillMask(Case):
    def test_a_list_for_each_mask(self):
        model = MODELS / "roberta_mask"
        calls = [call for call in recorded("roberta_mask", "fill_mask") if set(call) == {"text", "cut", "result"}]
        found = self.lines("fill-mask", model, stdin="".join(call["text"] + "\n" for call in calls))
        self.assertEqual(len(found), len(calls))
        for masks, call in zip(found, calls):
            self.assertEqual([[[one["token"], one["text"], one["sequence"]] for one in mask] for mask in masks],
                             [[[one["token"], one["token_str"], one["sequence"]] for one in mask]
                              for mask in call["result"]])
        ((mask,),) = self.lines("fill-mask", model, "--top-k", "1", stdin="a <mask>\n")
        self.assertEqual(len(mask), 1)
        ((mask,),) = self.lines("fill-mask", model, "--target", "Ġof", "--target", "Ġthe", stdin="a <mask>\n")
        self.assertEqual({one["text"] for one in mask}, {" of", " the"})
        self.assertEqual(self.error(1, "fill-mask", model, stdin="no gap\n")[0], "usage.no_mask")
        self.assertEqual(self.error(1, "fill-mask", program.CHAT_MODEL, stdin="")[0], "usage.task")


class NextSentence(Case):
    def test_pairs(self):
        calls = recorded("bert_next_sentence", "next_sentence")
        stdin = "".join(json.dumps([call["text"], call["second"]]) + "\n" for call in calls)
        found = self.lines("next-sentence", MODELS / "bert_next_sentence", stdin=stdin)
        self.assertEqual(len(found), len(calls))
        for one, call in zip(found, calls):
            self.assert_close(one["score"], call["result"])
        self.assertEqual(self.error(1, "next-sentence", MODELS / "bert_next_sentence", stdin="text\n")[0],
                         "format.json_syntax")
        self.assertEqual(self.error(1, "next-sentence", MODELS / "bert_tag", stdin="")[0], "usage.task")


class Translate(Case):
    def test_lines(self):
        model = MODELS / "nllb"
        calls = [call for call in recorded("nllb", "translate") if call["to"] == "zh"]
        self.assertGreater(len(calls), 5)
        text = self.output("translate", model, "--from", "de", "--to", "Chinese", "-n", "16", "--compute", "exact",
                           "--json-lines", stdin="".join(json.dumps(call["text"]) + "\n" for call in calls))
        self.assertEqual([json.loads(line) for line in text.splitlines()], [call["result"] for call in calls])

    def test_wrong_use(self):
        id, line = self.error(1, "translate", MODELS / "nllb", stdin="")
        self.assertEqual(id, "usage.language_missing")
        self.assertIn("to: expected the language to translate into, for example ace_Arab", line)
        self.assertEqual(self.error(1, "translate", MODELS / "nllb", "--to", "Klingon", stdin="")[0], "usage.language")
        id, line = self.error(1, "translate", MODELS / "nllb", "--to", "de_AT", stdin="")
        self.assertIn("expected a language of the model: perhaps deu_Latn, found", line)
        languages = self.json("inspect", MODELS / "nllb", "--json")["languages"]
        self.assertIn("deu_Latn", languages)
        self.assertIn(f"{len(languages)} (--json lists them)\n", self.output("inspect", MODELS / "nllb"))
        self.assertNotIn("languages", self.json("inspect", MODELS / "bart_summary", "--json"))
        id, _ = self.error(1, "translate", MODELS / "bart_summary", "--to", "de", stdin="")
        self.assertEqual(id, "usage.language")
        self.assertEqual(self.error(1, "translate", program.CHAT_MODEL, stdin="")[0], "usage.task")


class Summarize(Case):
    def test_lines(self):
        calls = recorded("t5_tasks", "summarize")
        text = self.output("summarize", MODELS / "t5_tasks", "-n", "16", "--compute", "exact", "--json-lines",
                           stdin="".join(json.dumps(call["text"]) + "\n" for call in calls))
        self.assertEqual([json.loads(line) for line in text.splitlines()], [call["result"] for call in calls])
        self.assertEqual(self.error(1, "summarize", program.LLAMA, stdin="")[0], "usage.task")

    def test_the_models_own_options_and_those_of_the_command(self):
        model = self.folder / "model"
        shutil.copytree(MODELS / "bart_summary", model)
        cases = [case for case in recorded("bart_summary", "cases", "own_options.json")
                 if case["file"] == "generation_config.json" and set(case["options"]) <= {"num_beams"}]
        self.assertGreater(len(cases), 2)
        for case in cases:
            (model / "generation_config.json").write_text(json.dumps(case["keys"]))
            beams = [str(part) for key in case["options"] for part in ("--beams", case["options"][key])]
            texts = "".join(json.dumps(call["text"]) + "\n" for call in case["calls"])
            found = self.output("summarize", model, *beams, "--compute", "exact", "--json-lines", stdin=texts)
            self.assertEqual([json.loads(line) for line in found.splitlines()],
                             [call["result"] for call in case["calls"]])
        own = {"do_sample": True, "temperature": 9.5, "max_length": 9}
        (model / "generation_config.json").write_text(json.dumps(own))
        drawn = self.output("summarize", model, stdin="Paris\n")
        greedy = self.output("summarize", model, "--temperature", "0", stdin="Paris\n")
        self.assertNotEqual(drawn, greedy)
        self.assertEqual(greedy, self.output("summarize", MODELS / "bart_summary", "-n", "8", stdin="Paris\n"))

    def test_wrong_use(self):
        id, line = self.error(1, "summarize", MODELS / "bart_summary", stdin="Paris " * 100)
        self.assertEqual(id, "usage.prompt_too_long")
        self.assertIn("standard input, line 1: ", line)
        self.assertIn("--truncate", line)


if __name__ == "__main__":
    unittest.main()
