"""Records what Hugging Face transformers' logits processors make of 1,000 vectors of scores each: processor_vectors.json.

Versions: transformers 5.23.0, torch 2.15.0. Run from anywhere: python tests/generate/processors_recipe.py

Scores and texts are not recorded: they come from counted random numbers (Philox, as core/philox.hpp has it), which the
test makes anew. Recorded are, for each vector, the set of tokens that stay (a number in hexadecimal: bit i is token i)
and the scores that changed, as the bits of f32. A vector at which f32 and f64 disagree, or at which a threshold moved by
a part in 100,000 keeps other tokens, is left out: there, rounding decides.

What transformers does not have (DRY, top-n-sigma, exclusion of top choices, penalties by count) is written here as its
source has it, plainly and without regard to speed.
"""

import json
import math
import pathlib

import numpy
import torch
import transformers
from transformers.generation import logits_process as hf

VECTORS = 1000
END_TOKENS = [3, 41]
SOURCE_LENGTH = 10


def philox(counter, key):
    """Philox4x32-10: core/philox.hpp."""
    counter = [numpy.asarray(word, dtype=numpy.uint64) for word in counter]
    low = numpy.uint64(0xFFFFFFFF)
    for round in range(10):
        product_0 = numpy.uint64(0xD2511F53) * counter[0]
        product_1 = numpy.uint64(0xCD9E8D57) * counter[2]
        key_0 = numpy.uint64((key[0] + round * 0x9E3779B9) & 0xFFFFFFFF)
        key_1 = numpy.uint64((key[1] + round * 0xBB67AE85) & 0xFFFFFFFF)
        counter = [(product_1 >> numpy.uint64(32)) ^ counter[1] ^ key_0, product_1 & low,
                   (product_0 >> numpy.uint64(32)) ^ counter[3] ^ key_1, product_0 & low]
    return counter


def words(vector, purpose, count):
    """`count` counted random numbers of 32 bits, two for each index."""
    index = numpy.arange(count, dtype=numpy.uint64)
    zeros = numpy.zeros(count, dtype=numpy.uint64)
    result = philox([index, zeros + numpy.uint64(vector), zeros + numpy.uint64(purpose), zeros], (20240613, 5))
    return result[0], result[1]


def scores_of(vector, size):
    """Sums of four 16-bit numbers, nearly normal, exact in f32; deviations of 1.2, 2.3, 4.6 and 9.2 by turns."""
    first, second = words(vector, 0, size)
    half = numpy.uint64(0xFFFF)
    shift = numpy.uint64(16)
    sums = (first >> shift) + (first & half) + (second >> shift) + (second & half)
    return (sums.astype(numpy.float64) - 131070) / 2 ** (15 - vector % 4)


def text_of(vector, purpose, count, alphabet):
    return [int(word % numpy.uint64(alphabet)) for word in words(vector, purpose, count)[0]]


class Generator(transformers.GenerationMixin):
    """As much of a model as _get_logits_processor asks for."""

    def __init__(self, is_encoder_decoder):
        self.config = transformers.PretrainedConfig(is_encoder_decoder=is_encoder_decoder, vocab_size=64)


def hf_processors(options, prompt_tokens, source):
    """What generate() puts together."""
    config = transformers.GenerationConfig(**options)
    config._eos_token_tensor = torch.tensor(END_TOKENS)
    for name, value in transformers.GenerationConfig._get_default_generation_params().items():
        if getattr(config, name, None) is None:
            setattr(config, name, value)
    if "top_k" not in options:
        config.top_k = 0  # the default of 50 is an option of its own here
    return Generator(False)._get_logits_processor(
        config, input_ids_seq_length=prompt_tokens, encoder_input_ids=torch.tensor([source]), device="cpu")


def count_penalty(options, scores, ids, prompt_tokens):
    for token in set(ids[prompt_tokens:]):
        count = ids[prompt_tokens:].count(token)
        penalty = options.get("presence_penalty", 0) + count * options.get("frequency_penalty", 0)
        scores[token] -= numpy.float32(penalty)


def dry(options, scores, ids, prompt_tokens):
    """https://github.com/oobabooga/text-generation-webui/pull/5677, word by word."""
    ids = ids[-options["range"]:] if options["range"] else ids
    breakers = options["breakers"]
    if ids[-1] in breakers:
        return
    lengths = {}
    for i in [i for i, token in enumerate(ids[:-1]) if token == ids[-1]]:
        next_token = ids[i + 1]
        if next_token in breakers:
            continue
        length = 1
        while i - length >= 0:
            previous = ids[-(length + 1)]
            if ids[i - length] != previous or previous in breakers:
                break
            length += 1
        lengths[next_token] = max(length, lengths.get(next_token, 0))
    for token, length in lengths.items():
        if length >= options["allowed_length"]:
            penalty = options["multiplier"] * options["base"] ** (length - options["allowed_length"])
            scores[token] -= numpy.float32(penalty)


def top_n_sigma(options, scores, ids, prompt_tokens):
    """https://arxiv.org/abs/2411.07641, the deviation of all scores."""
    scores[scores < scores.max() - options["top_n_sigma"] * scores.std()] = -math.inf


def exclude_top_choices(options, scores, ids, prompt_tokens):
    """https://github.com/oobabooga/text-generation-webui/pull/6335 where the draw says yes."""
    order = numpy.argsort(-scores)
    chances = numpy.exp(scores - scores.max())
    chances = (chances / chances.sum())[order]
    removed = order[:-1][chances[1:] >= options["threshold"]]
    scores[removed] = -math.inf


OWN = {"count_penalty": count_penalty, "dry": dry, "top_n_sigma": top_n_sigma, "xtc": exclude_top_choices}

# name, size of the vocabulary, options that take turns, tokens of the prompt
FAMILIES = [
    ("temperature", 64, [{"do_sample": True, "temperature": value} for value in (0.25, 0.7, 1.5, 30.0)], 6),
    ("top_k", 64, [{"do_sample": True, "top_k": value} for value in (1, 5, 40, 63, 64, 500)], 6),
    ("top_p", 64, [{"do_sample": True, "top_p": value} for value in (0.95, 0.5, 0.05)], 6),
    ("min_p", 64, [{"do_sample": True, "min_p": value} for value in (0.01, 0.2, 0.9)], 6),
    ("top_h", 160, [{"do_sample": True, "top_h": value} for value in (0.1, 0.4, 0.8)], 6),
    ("typical_p", 64, [{"do_sample": True, "typical_p": value} for value in (0.95, 0.5, 0.1)], 6),
    ("epsilon_cutoff", 64, [{"do_sample": True, "epsilon_cutoff": value} for value in (0.001, 0.02, 0.3)], 6),
    ("eta_cutoff", 64, [{"do_sample": True, "eta_cutoff": value} for value in (0.0003, 0.02, 0.3)], 6),
    ("repetition_penalty", 64, [{"repetition_penalty": value} for value in (1.3, 0.6, 5.0)], 3),
    ("encoder_repetition_penalty", 64, [{"encoder_repetition_penalty": value} for value in (1.3, 0.6, 5.0)], 3),
    ("no_repeat_ngram_size", 64, [{"no_repeat_ngram_size": value} for value in (1, 2, 3, 20)], 6),
    ("encoder_no_repeat_ngram_size", 64, [{"encoder_no_repeat_ngram_size": value} for value in (1, 2, 3, 20)], 6),
    ("bad_words_ids", 64, [
        {"bad_words_ids": [[5], [0, 17], [1, 2, 18], [3]]},
        {"bad_words_ids": [[2, 2], [2, 1], [2, 0], [3, 2], [1] * 13, [41], [60]]}], 6),
    ("sequence_bias", 64, [
        {"sequence_bias": [[[5], 1.5], [[0, 17], -2.25], [[0], 0.1], [[1, 0], 0.3], [[2, 1, 0], 0.7]]},
        {"sequence_bias": [[[3, 17], 0.1], [[1, 17], 5.0], [[2, 3, 17], 0.2], [[17], 0.3], [[17], -0.4]]}], 6),
    ("min_length", 64, [{"min_length": value} for value in (11, 12, 13)], 6),
    ("min_new_tokens", 64, [{"min_new_tokens": value} for value in (5, 6, 7)], 6),
    ("forced_bos_token_id", 64, [{"forced_bos_token_id": 7}], 1),
    ("forced_eos_token_id", 64, [{"forced_eos_token_id": value, "max_length": length}
                                 for value in (9, [3, 41]) for length in (12, 13, 14)], 6),
    ("exponential_decay_length_penalty", 64, [
        {"exponential_decay_length_penalty": value} for value in ((0, 1.5), (5, 1.01), (6, 2.0), (2, 0.5))], 6),
    ("suppress_tokens", 64, [{"suppress_tokens": [1, 2, 63]}], 6),
    ("begin_suppress_tokens", 64, [{"begin_suppress_tokens": [1, 2, 63]}], 12),
    ("begin_suppress_tokens_behind_a_forced_one", 64, [
        {"begin_suppress_tokens": [1, 2, 63], "forced_bos_token_id": 7}], 1),
    ("renormalize_logits", 64, [{"renormalize_logits": True}, {"do_sample": True, "top_k": 5, "renormalize_logits": True}], 6),
    ("all_together", 64, [
        {"do_sample": True, "temperature": 0.9, "top_k": 40, "top_p": 0.95, "min_p": 0.01, "typical_p": 0.95,
         "epsilon_cutoff": 0.002, "eta_cutoff": 0.002, "repetition_penalty": 1.2, "no_repeat_ngram_size": 2,
         "encoder_repetition_penalty": 1.1, "encoder_no_repeat_ngram_size": 3, "bad_words_ids": [[9], [0, 1]],
         "sequence_bias": [[[4], 2.0]], "min_new_tokens": 8, "suppress_tokens": [30, 31],
         "exponential_decay_length_penalty": (2, 1.1)}], 6),
    ("count_penalty", 64, [{"presence_penalty": 0.5}, {"frequency_penalty": 0.75},
                           {"presence_penalty": -1.0, "frequency_penalty": 0.25}], 3),
    ("dry", 64, [{"multiplier": 0.8, "base": 1.75, "allowed_length": 2, "range": 0, "breakers": []},
                 {"multiplier": 2.0, "base": 2.5, "allowed_length": 1, "range": 9, "breakers": [1]},
                 {"multiplier": 1.0, "base": 1.0, "allowed_length": 3, "range": 0, "breakers": [2, 3]}], 3),
    ("top_n_sigma", 64, [{"top_n_sigma": value} for value in (0.5, 1.0, 2.0)], 3),
    ("xtc", 64, [{"threshold": value} for value in (0.1, 0.02, 0.3)], 3),
]
LENGTHS = {"forced_bos_token_id": [1, 2], "begin_suppress_tokens": [12, 13],
           "begin_suppress_tokens_behind_a_forced_one": [1, 2, 3], "dry": [40]}
FILTERS = ["top_p", "min_p", "top_h", "typical_p", "epsilon_cutoff", "eta_cutoff", "top_n_sigma", "threshold"]


def processed(name, options, scores, ids, prompt_tokens, source):
    """`scores` is a torch vector of f32 or f64."""
    if name in OWN:
        result = scores.double().numpy().copy() if name in ("top_n_sigma", "xtc") else scores.numpy().copy()
        OWN[name](options, result, ids, prompt_tokens)
        return torch.from_numpy(result).to(scores.dtype)
    return hf_processors(options, prompt_tokens, source)(torch.tensor([ids]), scores[None].clone())[0]


def kept(result):
    return torch.isfinite(result).tolist()


def is_borderline(name, options, scores, *more):
    found = kept(processed(name, options, scores, *more))
    for factor in (1 - 1e-5, 1, 1 + 1e-5):
        moved = {key: value * factor if key in FILTERS else value for key, value in options.items()}
        if kept(processed(name, moved, scores.double(), *more)) != found:
            return True
    return False


def bits(value):
    return numpy.float32(value).tobytes()[::-1].hex()


def record(name, size, options, prompt_tokens):
    entry = {"name": name, "vocabulary": size, "prompt_tokens": prompt_tokens, "options": options,
             "lengths": LENGTHS.get(name, [12]), "left_out": [], "kept": [], "changed": []}
    vector = -1
    while len(entry["kept"]) < VECTORS:
        vector += 1
        scores = torch.tensor(scores_of(vector, size), dtype=torch.float32)
        length = entry["lengths"][vector % len(entry["lengths"])]
        ids = text_of(vector, 1, length, 4)
        source = ids[:prompt_tokens]  # generate() passes a decoder's prompt as encoder_input_ids
        option = options[vector % len(options)]
        if is_borderline(name, option, scores, ids, prompt_tokens, source):
            entry["left_out"].append(vector)
            continue
        result = processed(name, option, scores, ids, prompt_tokens, source)
        mask = sum(1 << index for index, stays in enumerate(kept(result)) if stays)
        entry["kept"].append(f"{mask:x}")
        changed = [index for index in range(size) if torch.isfinite(result[index]) and result[index] != scores[index]]
        if name in ("temperature", "renormalize_logits", "all_together"):
            changed = [changed[(vector * step) % len(changed)] for step in (1, 7)]  # all did; two say how
        entry["changed"].append(" ".join(f"{index}:{bits(result[index])}" for index in changed))
    if not any(entry["changed"]):
        del entry["changed"]
    full = f"{(1 << size) - 1:x}"
    if all(mask == full for mask in entry["kept"]):
        entry["kept"] = len(entry["kept"])  # every token stays, each time
    print(name, "left out:", len(entry["left_out"]))
    return entry


def main():
    torch.set_num_threads(1)
    record_of_all = {"versions": {"transformers": transformers.__version__, "torch": torch.__version__},
                     "end_tokens": END_TOKENS,
                     "families": [record(*family) for family in FAMILIES]}
    text = json.dumps(record_of_all, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n"
    pathlib.Path(__file__).with_name("processor_vectors.json").write_text(text)


if __name__ == "__main__":
    main()
