"""Records what transformers' beam search gives for the golden models: beams.json.

Versions: those of tests/golden/requirements.txt. Run from anywhere: python tests/generate/beams_recipe.py
Prompts and end tokens are looked for until the cases tell: beams differ from greedy, the three values of early_stopping
from each other, length penalties from none. A case in which float64 chooses otherwise than float32 is not taken.
group_beams_recipe.py records groups of beams, which transformers has no longer.
"""

import collections
import itertools
import pathlib
import sys

import torch
import transformers
from transformers.generation import logits_process

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).resolve().parents[1] / "golden")]

import beam_cases as cases  # noqa: E402
import common  # noqa: E402
import gguf_reading  # noqa: E402
from beam_cases import GOLDEN, check  # noqa: E402

CAUSAL, PAIR = transformers.AutoModelForCausalLM, transformers.AutoModelForSeq2SeqLM

# All settings ...
FULL = {"llama/default": CAUSAL, "t5/flan": PAIR}
# ... and for every architecture that generates, and its other forms, a few.
BRIEF = {
    "xlnet/causal": CAUSAL,
    "gpt2/hub": CAUSAL,
    "gguf/q4_1": gguf_reading.read_llama,
    "bart/hub": PAIR,
    "marian/hub": PAIR,
    "m2m_100/hub": PAIR,
    "mbart/hub": PAIR,
    "pegasus/hub": PAIR,
    "t5/mt5": PAIR,
    "gguf/gpt2": gguf_reading.read_gpt2,
    "llama/biases": CAUSAL,
    "llama/bfloat16": CAUSAL,
    "llama/yarn": CAUSAL,
    "gpt2/inverse_layer": CAUSAL,
    "t5/hub": PAIR,
    "bart/scaled": PAIR,
    "marian/separate": PAIR,
    "pegasus/unscaled": PAIR,
    "m2m_100/unscaled": PAIR,
}
NEW_TOKENS = 18
EARLY = (False, True, "never")


def load(name, loader):
    folder = GOLDEN / name
    if loader in (gguf_reading.read_llama, gguf_reading.read_gpt2):
        return loader(folder / "model.gguf")
    return common.load(loader, folder)


def drawn_prompts(model):
    return [common.draw_ids(6, model.config.vocab_size, 7000 + seed) for seed in range(48)]


def end_tokens(model, prompts):
    """Tokens that beams without end say soon, the most frequent first."""
    found = cases.run_all(model, prompts, {"num_beams": 4, "num_return_sequences": 4, "max_new_tokens": 8})
    counted = collections.Counter(token for rows, _ in found for ids in rows for token in ids[1:7])
    return [token for token, _ in counted.most_common(8)]


def early_cases(model, prompts, end):
    """Prompts for which the values of early_stopping differ from each other, and the cases of each."""
    for penalty in (1.0, 2.0, 0.5):
        options = {"num_beams": 4, "num_return_sequences": 4, "max_new_tokens": NEW_TOKENS, "eos_token_id": [end]}
        settings = [options | {"early_stopping": early, "length_penalty": penalty} for early in EARLY]
        found = [[rows for rows, _ in cases.run_all(model, prompts, each)] for each in settings]
        for prompt, *texts in zip(prompts, *found):
            if all(left != right for left, right in itertools.combinations(texts, 2)):
                yield prompt, [(f"early_stopping {each['early_stopping']}", each) for each in settings]


def other_cases(end, best):
    """Settings by name; `best` is what four beams say best."""
    plain = {"num_beams": 4, "max_new_tokens": NEW_TOKENS, "eos_token_id": [end]}
    return [
        ("two beams", plain | {"num_beams": 2, "eos_token_id": None}),
        ("seven beams, three texts", plain | {"num_beams": 7, "num_return_sequences": 3}),
        ("length_penalty 0", plain | {"length_penalty": 0.0, "num_return_sequences": 2}),
        ("length_penalty -1.5", plain | {"length_penalty": -1.5, "num_return_sequences": 2}),
        ("length_penalty 3", plain | {"length_penalty": 3.0, "num_return_sequences": 2}),
        ("several end tokens", plain | {"eos_token_id": [end, *best[1:3]], "num_return_sequences": 2}),
        ("repetition_penalty", plain | {"repetition_penalty": 1.4, "num_return_sequences": 2}),
        ("no_repeat_ngram_size", plain | {"no_repeat_ngram_size": 2, "eos_token_id": None}),
        ("min_new_tokens", plain | {"min_new_tokens": len(best) + 2, "num_return_sequences": 2}),
    ]


def recorded(name, model, prompt, settings):
    """The cases of the settings in which no rounding decides."""
    tried = ({"model": name, "name": title, "prompt": prompt, "options": options} for title, options in settings)
    return [case for case in (cases.recorded(model, case) for case in tried) if case]


def told(model, found):
    """What the cases of a model show: where they differ from what they are to differ from."""
    texts = {case["name"]: case["sequences"] for case in found}
    if not all(f"early_stopping {early}" in texts for early in EARLY):
        return set()
    plain = texts["early_stopping False"]
    if cases.greedy(model, found[0]["prompt"], found[0]["options"]) == plain[0]:
        return set()
    names = ("min_new_tokens", "repetition_penalty", "several end tokens")
    shown = {name for name in names if name in texts and texts[name][0] != plain[0]}
    penalties = [value[0] for name, value in texts.items() if name.startswith("length_penalty")]
    return shown | ({"length_penalty"} if any(ids != penalties[0] for ids in penalties) else set())


def full_cases(name, model):
    """Those of the first prompt and end token that tell enough."""
    prompts = drawn_prompts(model)
    for end in end_tokens(model, prompts):
        for prompt, early in early_cases(model, prompts, end):
            best = cases.run(model, prompt, early[0][1])[0][0]
            found = recorded(name, model, prompt, early + other_cases(end, best))
            shown = told(model, found)
            print(f"  {name}: {len(found)} cases show {sorted(shown)}", flush=True)
            if len(shown) >= 3:
                return found
    sys.exit(f"recipe failed: {name}: no prompt and end token whose cases tell")


def brief_cases(name, model):
    """Of a prompt and an end token for which beams differ from greedy and a text ends early."""
    prompts = drawn_prompts(model)[:12]
    for end in end_tokens(model, prompts):
        plain = {"num_beams": 3, "num_return_sequences": 2, "max_new_tokens": NEW_TOKENS, "eos_token_id": [end]}
        for prompt, (sequences, _) in zip(prompts, cases.run_all(model, prompts, plain)):
            if end not in sequences[0] + sequences[1] or sequences[0] == cases.greedy(model, prompt, plain):
                continue
            found = recorded(name, model, prompt, [
                ("three beams", plain),
                ("early_stopping True", plain | {"early_stopping": True, "length_penalty": 0.0}),
                ("early_stopping never", plain | {"num_beams": 4, "early_stopping": "never", "length_penalty": 2.0}),
            ])
            if len(found) == 3:
                return found
    sys.exit(f"recipe failed: {name}: no prompt and end token whose cases tell")


# ---- beam sampling: the distribution of the best text, computed -------------------------------------------------------


class Sampled:
    """All courses that a beam sampling may take, with their probabilities: the drawn candidates are enumerated in every
    order, which decides what counts as best."""

    def __init__(self, model, prompt, options):
        self.model, self.prompt, self.options = model, prompt, options
        self.beams, (self.end,) = options["num_beams"], options["eos_token_id"]
        self.scored = {}

    def scores(self, ids):
        """Processed log-probabilities of the tokens that may follow."""
        if ids not in self.scored:
            logits = common.logits_of(self.model, self.prompt + list(ids))[-1:]
            chain = transformers.LogitsProcessorList([
                logits_process.TemperatureLogitsWarper(self.options["temperature"]),
                logits_process.TopKLogitsWarper(self.options["top_k"], min_tokens_to_keep=2),
            ])
            found = chain(torch.tensor([self.prompt]), logits.log_softmax(-1))[0]
            self.scored[ids] = [(token, found[token].item()) for token in found.isfinite().nonzero()[:, 0].tolist()]
        return self.scored[ids]

    def settled(self, state, drawn):
        """The state after candidates were drawn in that order, and whether the search is over."""
        running, finished = [], list(state[1])
        for rank, (ids, score) in enumerate(drawn):
            if ids[-1] == self.end or len(ids) == self.options["max_new_tokens"]:
                if rank < self.beams:
                    finished.append((ids, score / len(ids)))
            else:
                running.append((ids, score))
        running = sorted(running, key=lambda beam: -beam[1])[: self.beams]
        finished = sorted(finished, key=lambda text: -text[1])[: self.beams]
        is_over = not running
        if len(finished) == self.beams and running:
            is_over = running[0][1] / len(running[0][0]) <= finished[-1][1]
        return (tuple(running), tuple(finished)), is_over

    def step(self, state):
        """States that follow, with their probabilities."""
        candidates = [
            (ids + (token,), score + more) for ids, score in state[0] for token, more in self.scores(ids)
        ]
        weights = torch.tensor([score for _, score in candidates], dtype=torch.float64).softmax(0).tolist()
        found = {}
        for order in itertools.permutations(range(len(candidates)), min(2 * self.beams, len(candidates))):
            probability, left = 1.0, 1.0
            for index in order:
                probability *= weights[index] / left
                left -= weights[index]
            key = self.settled(state, [candidates[index] for index in order])
            found[key] = found.get(key, 0.0) + probability
        return found

    def distribution(self):
        """Probability of each best text."""
        states, outcomes = {((((), 0.0),), ()): 1.0}, {}
        while states:
            following = {}
            for state, probability in states.items():
                for (after, is_over), part in self.step(state).items():
                    target, key = (outcomes, after[1][0][0]) if is_over else (following, after)
                    target[key] = target.get(key, 0.0) + probability * part
            states = following
        return outcomes


def chi_squared(found, expected, draws):
    """The statistic and its degrees of freedom; outcomes that are expected less than ten times are one."""
    rare = [key for key, probability in expected.items() if draws * probability < 10]
    groups = [[key] for key in expected if key not in rare] + ([rare] if rare else [])
    statistic = 0.0
    for group in groups:
        wanted = draws * sum(expected[key] for key in group)
        statistic += (sum(found[key] for key in group) - wanted) ** 2 / wanted
    return statistic, len(groups) - 1


def distribution():
    name, draws = "llama/default", 20000
    model = load(name, CAUSAL)
    prompt = cases.prompt_of(name)
    options = {"num_beams": 2, "do_sample": True, "temperature": 1.5, "top_k": 4, "max_new_tokens": 3}
    first = common.logits_of(model, prompt)[-1].topk(4).indices.tolist()
    options["eos_token_id"] = [first[1]]
    expected = Sampled(model, prompt, options).distribution()
    check(abs(sum(expected.values()) - 1) < 1e-9, "the probabilities are no distribution")
    torch.manual_seed(5)
    found = collections.Counter(
        tuple(sequences[0]) for sequences, _ in cases.run_all(model, [prompt] * draws, options)
    )
    check(set(found) <= set(expected), "transformers draws what cannot be drawn")
    statistic, freedom = chi_squared(found, expected, draws)
    print(f"beam sampling: chi-squared {statistic:.1f} of {freedom} degrees of freedom")
    check(statistic < freedom + 4 * (2 * freedom) ** 0.5, "transformers does not draw as computed")
    outcomes = [{"ids": list(ids), "probability": value} for ids, value in expected.items()]
    return {"model": name, "prompt": prompt, "options": options, "outcomes": outcomes}


def main():
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    record = {"versions": versions, "distribution": distribution(), "cases": []}
    for models, cases_of in ((FULL, full_cases), (BRIEF, brief_cases)):
        for name, loader in models.items():
            record["cases"] += cases_of(name, load(name, loader))
            cases.write(pathlib.Path(__file__).with_name("beams.json"), record)


if __name__ == "__main__":
    main()
