"""Llama shapes of 135M to 3B parameters with random weights: how the cost grows with the model."""

from ..catalogue import Catalogue
from ..models.random_llama import SHAPES
from ..rounds import Case

SECONDS = 105
WORKS = {
    "prefill 64": {"work": "prefill", "tokens": 64, "repetitions": 1},
    "decode 16": {"work": "decode", "sequences": 1, "new_tokens": 16, "repetitions": 1},
}


def cases(catalogue: Catalogue) -> list[Case]:
    return [Case(name, WORKS, catalogue.both_on_file(catalogue.shape(name)), rounds=2) for name in SHAPES]
