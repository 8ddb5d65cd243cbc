"""The default model reads 128 to 8175 tokens and writes 16 behind them: how the cost grows with the context, 8192
tokens at most."""

from ..catalogue import Catalogue
from ..peers.peer import arbitrary_ids
from ..rounds import Case

SECONDS = 150
NEW_TOKENS = 16
PROMPTS = (128, 512, 2048, 8192 - NEW_TOKENS - 1)
VOCABULARY = 49152


def cases(catalogue: Catalogue) -> list[Case]:
    works = {
        str(count): {"work": "continue", "prompt": arbitrary_ids(count, VOCABULARY), "new_tokens": NEW_TOKENS}
        for count in PROMPTS
    }
    return [Case("context", works, catalogue.both_on_file(catalogue.default_model()), rounds=2)]
