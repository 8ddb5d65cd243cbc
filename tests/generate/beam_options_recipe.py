"""Records what transformers makes of each option beside beams: beam_options.json.

Versions: those of tests/golden/requirements.txt. Run from anywhere: python tests/generate/beam_options_recipe.py
A case is an option beside plain beams, or four at once; recorded are the sequences and scores with it and without it,
which differ: an option that does nothing proves nothing. Prompts and end tokens are looked for until it does something,
and float64 has to choose as float32 does.
"""

import itertools
import pathlib
import random
import sys

import transformers

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import beam_cases as cases  # noqa: E402
import golden_models  # noqa: E402
import torch  # noqa: E402
from beam_cases import check  # noqa: E402

# The model of XLNet says one token again and again without a penalty.
NEEDED = {"xlnet/hub": {"repetition_penalty": 3.0}}
MODELS = ["llama/biases", "gpt2/hub", "xlnet/hub", "bart/hub", "t5/flan", "m2m_100/hub"]
WITH_TEXT = ["gguf/q4_1", "gguf/gpt2"]  # the only ones with a vocabulary, which stop strings need
NEW_TOKENS = 14
BASES = 12  # how many are tried for each model
BESIDE = {"renormalize_logits": {"repetition_penalty": 1.6}}  # what the option needs beside it


class Base:
    """Plain beams of a prompt: the best text ends early."""

    def __init__(self, model, prompt, options, found):
        self.prompt, self.options, self.found = prompt, options, found
        self.best = found["sequences"][0]
        self.given = 1 if model.config.is_encoder_decoder else len(prompt)
        self.vocabulary = model.config.vocab_size

    def settings(self):
        """(option, its value)"""
        best, second = self.best, self.found["sequences"][1]
        (end,) = self.options["eos_token_id"]
        other = next(token for token in range(self.vocabulary // 2, self.vocabulary) if token not in best + second)
        yield "num_beams", 6
        yield "num_return_sequences", 4
        yield "length_penalty", -1.5
        yield "length_penalty", 2.5
        yield "eos_token_id", [best[1]]  # an early end
        yield "eos_token_id", [end, best[1], second[-2]]
        yield "max_new_tokens", 3
        yield "max_length", self.given + 4
        yield "min_length", self.given + len(best) + 2
        yield "min_new_tokens", len(best) + 1
        yield "repetition_penalty", 1.6
        yield "repetition_penalty", 0.6
        yield "encoder_repetition_penalty", 4.0
        yield "no_repeat_ngram_size", 1
        yield "no_repeat_ngram_size", 2
        yield "encoder_no_repeat_ngram_size", 1
        yield "bad_words_ids", [[best[0]], [best[1], best[2]]]
        yield "sequence_bias", [[[best[0]], -4.0], [[other], 2.5], [[best[1], best[2]], -9.0]]
        yield "suppress_tokens", [best[0], best[2]]
        yield "begin_suppress_tokens", [best[0]]
        if self.given == 1:  # the only place where it counts
            yield "forced_bos_token_id", other
        yield "forced_eos_token_id", other
        yield "exponential_decay_length_penalty", [2, 1.7]
        yield "renormalize_logits", True


def bases(name, model):
    """Prompts and end tokens with which the best text is of three tokens at least and ends early."""
    prompts = cases.drawn_prompts(model)
    free = {"num_beams": 4, "num_return_sequences": 2, "max_new_tokens": NEW_TOKENS} | NEEDED.get(name, {})
    for prompt, (sequences, _) in zip(prompts, cases.run_all(model, prompts, free)):
        for end in dict.fromkeys(sequences[0][3:8]):
            options = free | {"eos_token_id": [end]}
            found = cases.recorded(model, {"prompt": prompt, "options": options})
            if not found or len(found["sequences"][1]) < 2:
                continue
            best = found["sequences"][0]
            if best[-1] == end and 2 < len(best) < NEW_TOKENS - 2 and best != cases.greedy(model, prompt, options):
                yield Base(model, prompt, options, found)


def case_of(model, name, base, changes, tokenizer=None):
    """The options of `changes`, of which each may need another; none where they do nothing, or rounding decides."""
    without = base.options
    for option in changes:
        without = without | BESIDE.get(option, {})
    with_it = without | changes
    if "max_length" in changes:  # transformers takes max_new_tokens first
        del with_it["max_new_tokens"]
    found = [cases.recorded(model, {"prompt": base.prompt, "options": options}, tokenizer)
             for options in (with_it, without)]
    if None in found or found[0]["sequences"] == found[1]["sequences"]:
        return None
    del found[1]["prompt"]
    title = ", ".join(f"{option} {value}" for option, value in changes.items())
    return {"model": name, "name": title, "changed": list(changes)} | found[0] | {"without": found[1]}


def cases_of(name):
    """For each setting the first base that it changes."""
    model, found, settings = golden_models.load(name), {}, []
    for base in itertools.islice(bases(name, model), BASES):
        settings = list(base.settings())
        for index, (option, value) in enumerate(settings):
            case = None if index in found else case_of(model, name, base, {option: value})
            if case:
                found[index] = case
        if len(found) == len(settings):
            break
    missing = [setting for index, setting in enumerate(settings) if index not in found]
    print(f"{name}: {len(found)} cases; without effect: {missing}", flush=True)
    return [found[index] for index in sorted(found)]


def mixed_cases(name):
    """Four options at once, which are drawn."""
    model, generator = golden_models.load(name), random.Random(11)
    found = []
    for base in itertools.islice(bases(name, model), BASES):
        settings = {option: value for option, value in base.settings() if not option.startswith("max_")}
        drawn = sorted(generator.sample(sorted(settings), 4))
        found.append(case_of(model, name, base, {option: settings[option] for option in drawn}))
    return [case for case in found if case]


def stop_cases(name):
    """A stop string that goes across two tokens of the best text."""
    model, tokenizer = golden_models.load(name), golden_models.tokenizer(name)
    for base in bases(name, model):
        for place in range(len(base.best) - 2):
            stop = golden_models.text_across(tokenizer, *base.best[place : place + 2])
            case = case_of(model, name, base, {"stop_strings": [stop]}, tokenizer) if stop else None
            if case and len(case["sequences"][0]) < len(base.best):
                return [case]
    return []


def main():
    torch.set_num_threads(1)
    found = [case for name in MODELS for case in cases_of(name) + mixed_cases(name)]
    found += [case for name in WITH_TEXT for case in stop_cases(name)]
    for option in sorted({option for case in found for option in case["changed"]}):
        alone = {case["model"] for case in found if case["changed"] == [option]}
        print(option, "of", *sorted(alone))
        check(alone, f"{option} does nothing alone")
    check(any(case["changed"] == ["stop_strings"] for case in found), "no stop string")
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    cases.write(pathlib.Path(__file__).with_name("beam_options.json"), {"versions": versions, "cases": found})


if __name__ == "__main__":
    main()
