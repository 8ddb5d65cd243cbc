"""Computes with which probability each text is drawn, by sampling and by beam sampling: distributions.json.

Versions: those of tests/golden/requirements.txt. Run from anywhere: python tests/generate/distributions_recipe.py
All courses that a draw may take are enumerated with the probabilities that the model gives, and transformers' own draws
are held against the result, as the test holds ours: chi-squared, four deviations above its degrees of freedom.
"""

import collections
import itertools
import json
import pathlib
import sys

import torch
import transformers
from transformers.generation import logits_process

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import beam_cases as cases  # noqa: E402
import golden_models  # noqa: E402
from beam_cases import check  # noqa: E402

DRAWS = 20000


class Scored:
    """What may follow which text, with processed log-probabilities."""

    def __init__(self, model, prompt, options):
        self.model, self.prompt, self.options = model, prompt, options
        self.scored = {}

    def warpers(self):
        """In the order of transformers' generate, with its default of top_k."""
        least = 2 if self.options.get("num_beams", 1) > 1 else 1
        chain = transformers.LogitsProcessorList()
        if "temperature" in self.options:
            chain.append(logits_process.TemperatureLogitsWarper(self.options["temperature"]))
        chain.append(logits_process.TopKLogitsWarper(self.options.get("top_k", 50), min_tokens_to_keep=least))
        if "top_p" in self.options:
            chain.append(logits_process.TopPLogitsWarper(self.options["top_p"], min_tokens_to_keep=least))
        return chain

    def scores(self, ids):
        if ids not in self.scored:
            logits = golden_models.next_logits(self.model, self.prompt, list(ids))[None]
            found = self.warpers()(torch.tensor([self.prompt]), logits.log_softmax(-1))[0]
            self.scored[ids] = [(token, found[token].item()) for token in found.isfinite().nonzero()[:, 0].tolist()]
        return self.scored[ids]

    def is_over(self, ids):
        return ids[-1] in self.options["eos_token_id"] or len(ids) == self.options["max_new_tokens"]


class Sampling(Scored):
    """Token by token."""

    def distribution(self):
        texts, outcomes = {(): 1.0}, {}
        while texts:
            following = {}
            for ids, probability in texts.items():
                tokens, scores = zip(*self.scores(ids))
                chances = torch.tensor(scores, dtype=torch.float64).softmax(0).tolist()
                for token, chance in zip(tokens, chances):
                    after = ids + (token,)
                    (outcomes if self.is_over(after) else following)[after] = probability * chance
            texts = following
        return outcomes


class BeamSampling(Scored):
    """All courses of the search: the drawn candidates are enumerated in every order, which decides what counts as best.
    The outcome is the best text."""

    def settled(self, state, drawn):
        """The state after candidates were drawn in that order, and whether the search is over."""
        beams = self.options["num_beams"]
        running, finished = [], list(state[1])
        for rank, (ids, score) in enumerate(drawn):
            if not self.is_over(ids):
                running.append((ids, score))
            elif rank < beams:
                finished.append((ids, score / len(ids)))
        running = sorted(running, key=lambda beam: -beam[1])[:beams]
        finished = sorted(finished, key=lambda text: -text[1])[:beams]
        is_over = not running
        if len(finished) == beams and running:
            is_over = running[0][1] / len(running[0][0]) <= finished[-1][1]
        return (tuple(running), tuple(finished)), is_over

    def step(self, state):
        """States that follow, with their probabilities."""
        candidates = [
            (ids + (token,), score + more) for ids, score in state[0] for token, more in self.scores(ids)
        ]
        weights = torch.tensor([score for _, score in candidates], dtype=torch.float64).softmax(0).tolist()
        found = {}
        count = min(2 * self.options["num_beams"], len(candidates))
        for order in itertools.permutations(range(len(candidates)), count):
            probability, left = 1.0, 1.0
            for index in order:
                probability *= weights[index] / left
                left -= weights[index]
            key = self.settled(state, [candidates[index] for index in order])
            found[key] = found.get(key, 0.0) + probability
        return found

    def distribution(self):
        states, outcomes = {((((), 0.0),), ()): 1.0}, {}
        while states:
            following = {}
            for state, probability in states.items():
                for (after, is_over), part in self.step(state).items():
                    target, key = (outcomes, after[1][0][0]) if is_over else (following, after)
                    target[key] = target.get(key, 0.0) + probability * part
            states = following
        return outcomes


def chi_squared(found, expected):
    """The statistic and its degrees of freedom; outcomes that are expected less than ten times are one."""
    draws = sum(found.values())
    rare = [key for key, probability in expected.items() if draws * probability < 10]
    groups = [[key] for key in expected if key not in rare] + ([rare] if rare else [])
    statistic = 0.0
    for group in groups:
        wanted = draws * sum(expected[key] for key in group)
        statistic += (sum(found[key] for key in group) - wanted) ** 2 / wanted
    return statistic, len(groups) - 1


def drawn(model, prompt, options):
    """What transformers draws, counted."""
    torch.manual_seed(1)
    count = options.get("num_return_sequences", 1)
    if options.get("num_beams", 1) > 1:
        results = cases.run_all(model, [prompt] * DRAWS, options)
        return collections.Counter(tuple(sequences[0]) for sequences, _ in results)
    ids = torch.tensor([prompt] * (DRAWS // count))
    found = cases.configured(model, options).generate(ids, attention_mask=torch.ones_like(ids)).sequences
    begin = 1 if model.config.is_encoder_decoder else ids.shape[1]
    check(len(found) == DRAWS // count * count, "as many texts as asked for")
    return collections.Counter(tuple(cases.until_end(row, options)) for row in found[:, begin:].tolist())


SAMPLED = {"do_sample": True, "temperature": 1.5, "top_k": 4, "max_new_tokens": 3}
CASES = [
    ("beam sampling", "llama/default", SAMPLED | {"num_beams": 2}),
    ("beam sampling", "t5/flan", SAMPLED | {"num_beams": 2}),
    ("do_sample", "gpt2/hub", {"do_sample": True, "max_new_tokens": 1}),  # with a top_k of 50
    ("do_sample", "m2m_100/hub", {"do_sample": True, "max_new_tokens": 2, "temperature": 2.5, "top_k": 6, "top_p": 0.8}),
    ("num_return_sequences", "llama/default", SAMPLED | {"num_return_sequences": 5}),
    ("num_return_sequences", "bart/hub", SAMPLED | {"num_return_sequences": 5}),
]


def distribution(title, name, options):
    model = golden_models.load(name)
    prompt = cases.prompt_of(name)
    start = golden_models.next_logits(model, prompt, []).topk(4).indices.tolist()
    options = options | {"eos_token_id": [start[1]]}
    kind = BeamSampling if "num_beams" in options else Sampling
    expected = kind(model, prompt, options).distribution()
    check(abs(sum(expected.values()) - 1) < 1e-9, "the probabilities are no distribution")
    found = drawn(model, prompt, options)
    check(set(found) <= set(expected), "transformers draws what cannot be drawn")
    statistic, freedom = chi_squared(found, expected)
    print(f"{title}, {name}: chi-squared {statistic:.1f} of {freedom} degrees of freedom", flush=True)
    check(freedom > 10 and statistic < freedom + 4 * (2 * freedom) ** 0.5, "transformers does not draw as computed")
    outcomes = [{"ids": list(ids), "probability": value} for ids, value in expected.items()]
    return {"name": title, "model": name, "prompt": prompt, "options": options, "outcomes": outcomes}


def main():
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    record = {"versions": versions, "cases": [distribution(*case) for case in CASES]}
    text = json.dumps(record, separators=(",", ":")).replace('{"name"', '\n{"name"')
    pathlib.Path(__file__).with_name("distributions.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
