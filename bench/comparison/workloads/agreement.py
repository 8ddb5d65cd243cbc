"""Whether engines compute the same thing. Those that do not are shut out of the measurement."""

from ..catalogue import Catalogue
from ..rounds import Sessions
from ..work import EnginePath
from .made_up import texts

LEAST_COSINE = {"f32": 0.999, "int8": 0.8}
# "The capital of France is" in the default model's tokens.
PROMPT = [504, 3575, 282, 4649, 314]
SAID_TOKENS = 8


def shown(paths: list[EnginePath], sessions: Sessions, work: dict) -> dict[EnginePath, list]:
    """What each path that can show its results makes of the work; the first path's comes first."""
    results = {}
    for path in paths:
        result = sessions.attempt(path, lambda session: session.result(work))
        if result is not None:
            results[path] = result
    return results


def same_words(paths: list[EnginePath], sessions: Sessions) -> list[dict]:
    """What each engine says after a prompt, for the reader: other roundings of the weights may give other words, so
    nobody is shut out. llama.cpp's benchmarks say nothing."""
    paths = [path for path in paths if path.engine != "llama.cpp"]
    said = shown(paths, sessions, {"work": "say", "prompt": PROMPT, "new_tokens": SAID_TOKENS})
    return [{"path": path.label, "ids": ids} for path, ids in said.items()]


def cosine(a: list[float], b: list[float]) -> float:
    """Of vectors of length 1."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def same_vectors(catalogue: Catalogue, sessions: Sessions) -> list[dict]:
    """The smallest cosine between each engine's embeddings and Eigenformer's in f32."""
    work = {"work": "embed", "texts": texts([5, 17, 64, 128]), "batch": 4, "show": True}
    paths = catalogue.served("embed", "f32") + catalogue.served("embed", "int8")
    vectors = shown(paths, sessions, work)
    wanted = vectors.get(paths[0])
    rows = []
    for path, found in vectors.items() if wanted else ():
        smallest = min(map(cosine, found, wanted))
        rows.append({"path": path.label, "smallest_cosine": round(smallest, 6)})
        if smallest < LEAST_COSINE[path.weights]:
            sessions.failed[path] = f"other embeddings: a cosine of {smallest:.4f}"
    return rows


def same_translations(catalogue: Catalogue, sessions: Sessions, work: dict) -> list[dict]:
    """How many of each engine's greedy ids in f32 are Eigenformer's: all, or its int8 is not measured either."""
    paths = catalogue.served("translate", "f32")
    written = shown(paths, sessions, work)
    wanted = written.get(paths[0])
    rows = []
    for path, found in written.items() if wanted else ():
        pairs = [pair for ours, theirs in zip(wanted, found, strict=True) for pair in zip(ours, theirs, strict=True)]
        same = sum(a == b for a, b in pairs)
        rows.append({"path": path.label, "same_ids": same, "of": len(pairs)})
        if same < len(pairs):
            for other in catalogue.served("translate", "int8"):
                if other.engine == path.engine:
                    sessions.failed[other] = f"other ids in f32: {same} of {len(pairs)} are the same"
    return rows
