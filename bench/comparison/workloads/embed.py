"""all-MiniLM-L6-v2 embeds 32 texts of 128 tokens, from ids to vectors of length 1."""

from ..catalogue import Catalogue
from ..rounds import Case, Sessions
from . import agreement
from .made_up import texts

SECONDS = 55
WORK = {"work": "embed", "texts": texts([128] * 32), "batch": 32}


def cases(catalogue: Catalogue) -> list[Case]:
    return [
        Case(weights, {"32 x 128": WORK}, catalogue.served("embed", weights), rounds=5) for weights in ("f32", "int8")
    ]


def check(catalogue: Catalogue, sessions: Sessions) -> list[dict]:
    return agreement.same_vectors(catalogue, sessions)
