"""The default model reads a prompt of 512 tokens."""

from ..catalogue import Catalogue
from ..rounds import Case

SECONDS = 90
WORK = {"work": "prefill", "tokens": 512, "repetitions": 1}


def cases(catalogue: Catalogue) -> list[Case]:
    return [Case("prefill", {"512 tokens": WORK}, catalogue.language(), rounds=3)]
