"""all-MiniLM-L6-v2 embeds 64 sentences of 4 to 256 tokens in f32. Engines that pad take them as one batch, or in the
order of their lengths in small batches; Eigenformer takes them as they come."""

import random

from ..catalogue import Catalogue
from ..rounds import Case
from .made_up import texts

SECONDS = 103
COUNT = 64
BATCHES = {"one padded batch": 64, "sorted, batches of 8": 8}


def lengths() -> list[int]:
    """From 4 to 256 in equal steps, shuffled."""
    spread = [4 + round(252 * place / (COUNT - 1)) for place in range(COUNT)]
    random.Random(1).shuffle(spread)
    return spread


def cases(catalogue: Catalogue) -> list[Case]:
    sentences = texts(lengths())
    works = {name: {"work": "embed", "texts": sentences, "batch": size} for name, size in BATCHES.items()}
    return [Case("f32", works, catalogue.served("embed", "f32"), rounds=3)]
