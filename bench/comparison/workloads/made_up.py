"""Token ids without a meaning, the same in every run. The cost of a text does not depend on its words."""

import random

WORDS = range(1996, 30522)  # of BERT's English vocabulary, without what is special or unused
BEGIN, END = 101, 102


def ids(count: int, vocabulary: int, seed: int) -> list[int]:
    """From 2 to the end of the vocabulary."""
    draw = random.Random(seed)
    return [draw.randrange(2, vocabulary) for _ in range(count)]


def texts(lengths: list[int]) -> list[list[int]]:
    """Texts of so many tokens as BERT reads them."""
    draw = random.Random(0)
    return [[BEGIN, *(draw.choice(WORDS) for _ in range(length - 2)), END] for length in lengths]
