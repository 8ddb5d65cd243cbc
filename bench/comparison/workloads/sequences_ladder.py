"""The default model writes for 1 to 64 readers at once: how the cost grows with them."""

from ..catalogue import Catalogue
from ..rounds import Case
from ..work import Work

SECONDS = 155
SEQUENCES = ((1, 2, 4, 8, 16, 32), (64,))  # ONNX Runtime GenAI takes 32 at most
NEW_TOKENS = 16


def works(counts: tuple[int, ...]) -> dict[str, Work]:
    return {
        str(count): {"work": "decode", "sequences": count, "new_tokens": NEW_TOKENS, "repetitions": 1}
        for count in counts
    }


def cases(catalogue: Catalogue) -> list[Case]:
    left_out = ("ONNX Runtime GenAI int8",)  # for time: its int4 is there
    paths = [path for path in catalogue.language() if path.label not in left_out]
    return [Case("sequences", works(counts), paths, rounds=2) for counts in SEQUENCES]
