"""Records what transformers' beam search gives for the golden models: beams.json.

Versions: those of tests/golden/requirements.txt. Run from anywhere: python tests/generate/beams_recipe.py; it may be given
the names of models whose cases alone are made anew.
Prompts and end tokens are looked for until beams differ from greedy and a text ends early. A case in which float64 chooses otherwise than float32 is not taken.
group_beams_recipe.py records groups of beams, which transformers has no longer.
"""

import collections
import itertools
import json
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

MODELS = {
    "llama/biases": CAUSAL,
    "gpt2/hub": CAUSAL,
    "gguf/q4_1": gguf_reading.read_llama,
    "gguf/gpt2": gguf_reading.read_gpt2,
    "bart/hub": PAIR,
    "marian/hub": PAIR,
    "m2m_100/hub": PAIR,
    "mbart/hub": PAIR,
    "pegasus/hub": PAIR,
    "t5/mt5": PAIR,
}
NEW_TOKENS = 18


def load(name, loader):
    folder = GOLDEN / name
    if loader in (gguf_reading.read_llama, gguf_reading.read_gpt2):
        return loader(folder / "model.gguf")
    return common.load(loader, folder)


def drawn_prompts(model):
    return [common.draw_ids(6, model.config.vocab_size, 7000 + seed) for seed in range(24)]


def end_tokens(model, prompts):
    """Tokens that beams without end say soon, the most frequent first."""
    found = cases.run_all(model, prompts, {"num_beams": 4, "num_return_sequences": 4, "max_new_tokens": 8})
    counted = collections.Counter(token for rows, _ in found for ids in rows for token in ids[1:7])
    return [token for token, _ in counted.most_common(8)]


def recorded(name, model, prompt, settings):
    """The cases of the settings in which no rounding decides."""
    tried = ({"model": name, "name": title, "prompt": prompt, "options": options} for title, options in settings)
    return [case for case in (cases.recorded(model, case) for case in tried) if case]


def cases_of(name, model):
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
    path = pathlib.Path(__file__).with_name("beams.json")
    names = sys.argv[1:] or [*MODELS, "distribution"]
    record = json.loads(path.read_text()) if sys.argv[1:] else {"cases": []}
    record["versions"] = {"transformers": transformers.__version__, "torch": torch.__version__}
    for name in names:
        if name == "distribution":
            record["distribution"] = distribution()
        else:
            record["cases"] = [case for case in record["cases"] if case["model"] != name]
            record["cases"] += cases_of(name, load(name, MODELS[name]))
        cases.write(path, record)


if __name__ == "__main__":
    main()
