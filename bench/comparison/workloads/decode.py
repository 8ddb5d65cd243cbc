"""The default model writes 64 tokens, for one reader."""

from ..catalogue import Catalogue
from ..rounds import Case, Sessions
from . import agreement

SECONDS = 76
WORK = {"work": "decode", "sequences": 1, "new_tokens": 64, "repetitions": 1}


def cases(catalogue: Catalogue) -> list[Case]:
    return [Case("decode", {"64 tokens": WORK}, catalogue.language(), rounds=5)]


def check(catalogue: Catalogue, sessions: Sessions) -> list[dict]:
    return agreement.same_words(catalogue.language(), sessions)
