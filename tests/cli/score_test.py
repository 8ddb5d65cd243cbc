"""score and rerank: lines in, numbers out."""

import json
import math
import unittest

import program

SCORES = program.ROOT / "tests" / "tasks" / "scores"
VECTORS = program.ROOT / "tests" / "tasks" / "vectors"
DECODER = program.CHAT_MODEL


def recording(name):
    return json.loads((SCORES / name / "scores.json").read_text())


class Score(program.Case):
    def test_a_masked_model(self):
        golden = recording("masked")
        stdin = "".join(text + "\n" for text in golden["texts"])
        found = [float(line) for line in self.output("score", SCORES / "masked", stdin=stdin).splitlines()]
        self.assertEqual(len(found), len(golden["scores"]))
        for score, expected in zip(found, golden["scores"]):
            self.assertAlmostEqual(score, sum(expected["log_probabilities"]), 3)

    def test_an_encoder_decoder(self):
        golden = recording("pairs")
        (source, target), expected = golden["pairs"][0], golden["scores"][0]
        found = self.json("score", SCORES / "pairs", "--source", source, "--json", stdin=target + "\n")
        self.assertEqual([token["id"] for token in found["tokens"]], expected["ids"])
        self.assertEqual(found["tokens"][-1]["token"], "</s>")
        self.assertAlmostEqual(found["log_probability"], sum(expected["log_probabilities"]), 3)
        self.assertAlmostEqual(found["mean"], found["log_probability"] / len(expected["ids"]), 6)
        self.assertEqual(self.error(1, "score", SCORES / "pairs", stdin="x")[0], "usage.score_source")
        self.assertEqual(self.error(1, "score", DECODER, "--source", "x", stdin="x")[0], "usage.score_source")

    def test_a_decoder_is_what_perplexity_says(self):
        text = "hello the user, the world hello"
        (score,) = self.output("score", DECODER, "--json-lines", stdin=json.dumps(text)).splitlines()
        file = self.folder / "text"
        file.write_text(text)
        found = self.json("perplexity", DECODER, file, "--json")
        self.assertAlmostEqual(math.exp(-float(score) / (found["tokens"] - 1)), found["perplexity"], 3)

    def test_errors(self):
        self.assertEqual(self.error(1, "score", VECTORS / "mean", stdin="x")[0], "usage.task")
        self.assertEqual(self.output("score", DECODER, stdin="\n"), "0.000000\n")
        self.assertEqual(self.error(1, "score", DECODER, "--to", "fr", stdin="")[0], "usage.language")
        self.assertEqual(self.error(1, "score", program.LLAMA, stdin="")[0], "tokenizer.missing")
        id, line = self.error(1, "score", program.GOLDEN / "xlnet" / "hub", stdin="")
        self.assertEqual(id, "usage.task")
        self.assertIn('found one with the head "language model" (xlnet)', line)


    def test_the_lines_before_one_that_is_no_json_are_answered(self):
        whole = self.output("score", DECODER, "--json-lines", stdin='"hello"\n"the user"\n')
        done = self.run_program("score", DECODER, "--json-lines", stdin='"hello"\n"the user"\nhello\n"x"\n')
        self.assertEqual((done.returncode, done.stdout.decode()), (1, whole))
        self.assertIn(b"standard input, line 3", done.stderr)


class Rerank(program.Case):
    def test_a_cross_encoder(self):
        golden = recording("cross")
        stdin = "".join(text + "\n" for text in golden["texts"])
        query = ["rerank", SCORES / "cross", "--query", golden["query"]]
        found = [float(line) for line in self.output(*query, "--score", "logit", stdin=stdin).splitlines()]
        self.assertEqual(len(found), len(golden["logits"]))
        for score, logit in zip(found, golden["logits"]):
            self.assertAlmostEqual(score, logit, 4)
        sigmoids = [float(line) for line in self.output(*query, stdin=stdin).splitlines()]
        for score, logit in zip(sigmoids, golden["logits"]):
            self.assertAlmostEqual(score, 1 / (1 + math.exp(-logit)), 4)

    def test_the_best_lines(self):
        golden = recording("cross")
        texts, logits = golden["texts"][:5], golden["logits"][:5]
        query = ["rerank", SCORES / "cross", "--query", golden["query"], "--best", "2"]
        stdin = "".join(text + "\n" for text in texts)
        lines = [line.split("\t") for line in self.output(*query, stdin=stdin).splitlines()]
        order = sorted(range(5), key=lambda line: -logits[line])[:2]
        self.assertEqual([text for _, text in lines], [texts[line] for line in order])
        found = [json.loads(line) for line in self.output(*query, "--json", stdin=stdin).splitlines()]
        self.assertEqual([entry["line"] for entry in found], [line + 1 for line in order])

    def test_embeddings(self):
        stdin = "a red key\nwho opens the door\n"
        found = self.output("rerank", VECTORS / "mean", "--query", "who opens the door", stdin=stdin).splitlines()
        self.assertEqual(found[1], "1.000000")
        self.assertLess(float(found[0]), 1)

    def test_a_query_may_begin_with_a_hyphen(self):
        self.assertEqual(len(self.output("rerank", VECTORS / "mean", "--query", "-x", stdin="x\n").splitlines()), 1)

    def test_options_of_the_other_kind(self):
        rerank = ["--query", "x", "--score", "sigmoid"]
        self.assertEqual(self.error(1, "rerank", VECTORS / "mean", *rerank, stdin="")[0], "usage.rerank_option")
        id, line = self.error(1, "rerank", SCORES / "cross", "--query", "x", "--query-prompt-name", "q", stdin="")
        self.assertEqual(id, "usage.rerank_option")
        self.assertIn("query_prompt_name: expected a model of embeddings", line)

    def test_errors(self):
        self.assertEqual(self.error(2, "rerank", VECTORS / "mean", stdin="x")[0], "usage.command_line")
        classifier = program.GOLDEN / "bert" / "sequence_classification"
        for stdin in ("x", ""):
            self.assertEqual(self.error(1, "rerank", classifier, "--query", "q", stdin=stdin)[0], "usage.task")


if __name__ == "__main__":
    unittest.main()
