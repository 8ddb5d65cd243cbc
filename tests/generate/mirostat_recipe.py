"""Records which tokens Mirostat 2 keeps and how its border moves, token after token: mirostat.json.

transformers does not have it. This is llama.cpp's reading, in double precision and without regard to speed:
https://github.com/ggml-org/llama.cpp/blob/master/src/llama-sampling.cpp, llama_sampler_mirostat_v2_apply. The border
begins at twice the wanted surprise; of the tokens, likeliest first, those stay that stand before the first one with more
bits of surprise than the border, at least one; one of them is drawn, and the border moves by learning_rate * (its
surprise among those that stay - wanted surprise).

Paper: https://arxiv.org/abs/2007.14966. The code of its authors, which has its first algorithm alone, takes the drawn
token's surprise among all tokens instead (https://github.com/basusourya/mirostat/blob/master/mirostat.py). The recipe
checks that this would be seen.

Run from anywhere: python tests/generate/mirostat_recipe.py. Scores are those of processors_recipe.py, and the numbers
that tokens are drawn by are ours (core/philox.hpp): the test makes both anew.
"""

import json
import math
import pathlib
import sys

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from processors_recipe import philox, scores_of  # noqa: E402

VOCABULARY = 64
TOKENS = 250
CLEAR = 1e-6  # bits between the border and any token's surprise: nearer, rounding decides
RUNS = [
    {"surprise": 3.0, "learning_rate": 0.1, "temperature": 1.0},
    {"surprise": 1.5, "learning_rate": 0.5, "temperature": 1.0},
    {"surprise": 4.0, "learning_rate": 0.3, "temperature": 1.5},
    {"surprise": 2.0, "learning_rate": 1.0, "temperature": 0.7},
]


def uniform(seed, position):
    """In [0, 1): uniform() of core/philox.hpp for a token of sequence 0."""
    high, low = (int(word[0]) for word in philox([[position], [0], [0], [0]], (seed, 0))[:2])
    return ((high << 32 | low) >> 11) * 2.0**-53


def probabilities(place, temperature):
    """Of all tokens, and the tokens likeliest first, of equal ones the lower id."""
    scores = scores_of(place, VOCABULARY).astype(numpy.float32) / numpy.float32(temperature)
    weights = numpy.exp(scores.astype(numpy.float64) - float(scores.max()))
    return weights / weights.sum(), sorted(range(VOCABULARY), key=lambda token: (-scores[token], token))


def kept_by(border, chances, order):
    for rank, token in enumerate(order):
        if -math.log2(chances[token]) > border:
            return order[: max(rank, 1)]
    return order


def drawn(kept, chances, number):
    """The token on which the number falls, and its surprise among those that stay."""
    total = sum(chances[token] for token in kept)
    end = 0.0
    for token in kept:
        end += chances[token] / total
        if number < end:
            break
    return token, -math.log2(chances[token] / total)


def run(options, seed, of_all_tokens=False):
    """Kept tokens, what is drawn, and the border behind it; none where rounding decides."""
    border, steps = 2 * options["surprise"], []
    for place in range(TOKENS):
        chances, order = probabilities(place, options["temperature"])
        if min(abs(-math.log2(chance) - border) for chance in chances) < CLEAR:
            return None
        kept = kept_by(border, chances, order)
        token, surprise = drawn(kept, chances, uniform(seed, place))
        if of_all_tokens:
            surprise = -math.log2(chances[token])
        border -= options["learning_rate"] * (surprise - options["surprise"])
        steps.append((kept, token, border))
    return steps


def recorded(options):
    seed, steps = next((seed, steps) for seed in range(100) if (steps := run(options, seed)))
    sizes = [len(kept) for kept, _, _ in steps]
    other = run(options, seed, of_all_tokens=True)
    assert other and [kept for kept, _, _ in other] != [kept for kept, _, _ in steps]
    assert len(set(sizes)) > 10, "the border does not move much"
    print(f"{options}: {min(sizes)} to {max(sizes)} tokens stay")
    return options | {
        "seed": seed,
        "kept": [f"{sum(1 << token for token in kept):x}" for kept, _, _ in steps],
        "ids": [token for _, token, _ in steps],
        "borders": [round(border, 9) for _, _, border in steps],
    }


def main():
    record = {"vocabulary": VOCABULARY, "runs": [recorded(options) for options in RUNS]}
    text = json.dumps(record, separators=(",", ":")).replace('{"surprise"', '\n{"surprise"')
    pathlib.Path(__file__).with_name("mirostat.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
