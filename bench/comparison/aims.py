"""What Eigenformer aims at: ratios of its speed to others' on two threads."""

import dataclasses
from collections.abc import Callable

FOUR_BITS = {"Q4_0", "Q4_1", "int4"}


@dataclasses.dataclass(frozen=True)
class Aim:
    """Reached if at every point the median ratio to every path that counts is `factor` or more; or if Eigenformer reads
    the weights, once a token, at that share of what the machine reads from memory: nobody can be much faster then."""

    text: str
    part: str
    factor: float
    counts: Callable[[dict], bool]  # of a path's engine and weights, as a report names them
    case: str | None = None  # None: all of the part
    points: tuple[str, ...] = ()  # none: all of the case
    or_share_of_reading: float | None = None


def everybody(path: dict) -> bool:
    return True


def is_path(engine: str, weights: str) -> Callable[[dict], bool]:
    return lambda path: (path["engine"], path["weights"]) == (engine, weights)


def has_four_bits(path: dict) -> bool:
    return path["weights"] in FOUR_BITS


LLAMA_SAME_FILE = is_path("llama.cpp", "Q4_1")
CTRANSLATE2_INT8 = is_path("CTranslate2", "int8")
GREEDY, BEAMS = ("greedy, 1", "greedy, 16"), ("4 beams, 1", "4 beams, 16")
SORTED = ("sorted, batches of 8",)

AIMS = [
    Aim("decoding, llama.cpp on the same file", "decode", 3, LLAMA_SAME_FILE),
    Aim("decoding, the best 4-bit path", "decode", 2, has_four_bits, or_share_of_reading=0.85),
    Aim("prefill of 512, CTranslate2 int8", "prefill", 1.5, CTRANSLATE2_INT8),
    Aim("prefill of 512, llama.cpp on the same file", "prefill", 5, LLAMA_SAME_FILE),
    Aim("32 sequences, the best peer", "sequences", 3, everybody, points=("32",)),
    Aim("MiniLM 32 x 128 in f32, the best peer", "embed", 1.25, everybody, case="f32"),
    Aim("MiniLM 32 x 128 in int8, ONNX Runtime", "embed", 1.5, is_path("ONNX Runtime", "int8"), case="int8"),
    Aim("4 to 256 tokens, one padded batch", "lengths", 3, everybody, points=("one padded batch",)),
    Aim("4 to 256 tokens, batches sorted by length", "lengths", 1.15, everybody, points=SORTED),
    Aim("translation, greedy, CTranslate2 int8", "translate", 1.5, CTRANSLATE2_INT8, points=GREEDY),
    Aim("translation, 4 beams, CTranslate2 int8", "translate", 1.5, CTRANSLATE2_INT8, points=BEAMS),
    Aim("two threads, one thread", "threads", 1.85, everybody),
]
