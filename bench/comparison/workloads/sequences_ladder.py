"""The default model writes for 1 to 64 readers at once: how the cost grows with them."""

from ..catalogue import Catalogue
from ..rounds import Case

SECONDS = 150
SEQUENCES = (1, 2, 4, 8, 16, 32, 64)
NEW_TOKENS = 24


def cases(catalogue: Catalogue) -> list[Case]:
    works = {
        str(count): {"work": "decode", "sequences": count, "new_tokens": NEW_TOKENS, "repetitions": 1}
        for count in SEQUENCES
    }
    return [Case("sequences", works, catalogue.language(), rounds=3)]
