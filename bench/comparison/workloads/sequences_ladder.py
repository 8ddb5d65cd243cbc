"""The default model writes for 1 to 64 readers at once: how the cost grows with them."""

from ..catalogue import Catalogue
from ..rounds import Case

SECONDS = 155
SEQUENCES = (1, 2, 4, 8, 16, 32, 64)
NEW_TOKENS = 16


def cases(catalogue: Catalogue) -> list[Case]:
    works = {
        str(count): {"work": "decode", "sequences": count, "new_tokens": NEW_TOKENS, "repetitions": 1}
        for count in SEQUENCES
    }
    left_out = ("ONNX Runtime GenAI int8",)  # for time: its int4 is there
    paths = [path for path in catalogue.language() if path.label not in left_out]
    return [Case("sequences", works, paths, rounds=2)]
