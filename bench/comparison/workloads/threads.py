"""What the second thread adds: Eigenformer on two threads and on one."""

from ..catalogue import Catalogue
from ..rounds import Case
from . import embed, translate

SECONDS = 65
DECODE = {"work": "decode", "sequences": 1, "new_tokens": 64, "repetitions": 1}
PREFILL = {"work": "prefill", "tokens": 512, "repetitions": 1}


def cases(catalogue: Catalogue) -> list[Case]:
    language = {"decode 64": DECODE, "prefill 512": PREFILL}
    return [
        Case("language", language, catalogue.own("language", "Q4_1"), rounds=3),
        Case("embed f32", {"embed f32, 32 x 128": embed.WORK}, catalogue.own("embed", "f32"), rounds=3),
        Case("embed int8", {"embed int8, 32 x 128": embed.WORK}, catalogue.own("embed", "int8"), rounds=3),
        Case("translate", {"translate int8, 16": translate.work(16, 1)}, catalogue.own("translate", "int8"), rounds=3),
    ]
