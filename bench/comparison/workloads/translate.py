"""opus-mt-en-de's shape with random weights: sources of 24 tokens, 32 new tokens each, greedy and with 4 beams. The end
token is banned, so everybody writes equally much, and the padding, which some engines cannot write."""

from ..catalogue import Catalogue
from ..rounds import Case, Sessions
from ..work import Work
from . import agreement
from .made_up import ids

SECONDS = 80
END, PADDING = 0, 58100
VOCABULARY = 58100
WAYS = {"greedy": 1, "4 beams": 4}


def work(sources: int, beams: int) -> Work:
    made = [ids(23, VOCABULARY, seed=source) + [END] for source in range(sources)]
    return {"work": "translate", "sources": made, "beams": beams, "new_tokens": 32, "banned": [END, PADDING]}


def cases(catalogue: Catalogue) -> list[Case]:
    works = {f"{way}, {count}": work(count, beams) for way, beams in WAYS.items() for count in (1, 16)}
    return [Case("int8", works, catalogue.served("translate", "int8"), rounds=4)]


def check(catalogue: Catalogue, sessions: Sessions) -> list[dict]:
    return agreement.same_translations(catalogue, sessions, work(4, 1))
