"""An engine as the worker sees it: one model, loaded, and what can be asked of it."""

from collections.abc import Sequence

Ids = list[int]


class Peer:
    """An engine leaves out what it cannot do."""

    vocabulary = 49152  # of the prompts that are made up

    def generate(self, prompts: list[Ids], new_tokens: int) -> list[Ids]:
        """Exactly `new_tokens` for each prompt, greedily, all prompts side by side. Without the prompts."""
        raise NotImplementedError("does not generate")

    def hidden_states(self, ids, mask):
        """[texts, tokens, width] of padded texts, as numpy arrays."""
        raise NotImplementedError("does not encode")

    def translate(self, sources: list[Ids], beams: int, new_tokens: int, banned: Ids) -> list[Ids]:
        """Exactly `new_tokens` for each source."""
        raise NotImplementedError("does not translate")


def arbitrary_ids(count: int, vocabulary: int) -> Ids:
    """Those of `eigenformer bench`: spread over the vocabulary, the same in every run."""
    return [(place * 7919 + 13) % vocabulary for place in range(count)]


def require_lengths(sequences: Sequence[Ids], wanted: int) -> None:
    """A sequence that stopped early would be too fast."""
    found = sorted({len(ids) for ids in sequences})
    if found != [wanted]:
        raise RuntimeError(f"wanted {wanted} new tokens for each sequence, found {found}")


def prefill(peer: Peer, work: dict):
    ids = peer.generate([arbitrary_ids(work["tokens"], peer.vocabulary)], 1)
    require_lengths(ids, 1)
    return ids


def decode(peer: Peer, work: dict):
    prompts = [[token] for token in arbitrary_ids(work["sequences"], peer.vocabulary)]
    ids = peer.generate(prompts, work["new_tokens"])
    require_lengths(ids, work["new_tokens"])
    return ids


def say(peer: Peer, work: dict):
    """What follows a prompt, to be looked at beside what others say."""
    return peer.generate([work["prompt"]], work["new_tokens"])[0]


def embed(peer: Peer, work: dict):
    """Mean of the last hidden states, of length 1; `batch` texts at a time, in the order of their lengths if several
    batches are made. What the engine gives as padding does not count."""
    import numpy

    texts, size = work["texts"], work["batch"]
    order = range(len(texts)) if size >= len(texts) else sorted(range(len(texts)), key=lambda text: len(texts[text]))
    vectors: list = [None] * len(texts)
    for first in range(0, len(texts), size):
        part = list(order)[first : first + size]
        longest = max(len(texts[text]) for text in part)
        ids = numpy.zeros((len(part), longest), dtype=numpy.int64)
        mask = numpy.zeros_like(ids)
        for row, text in enumerate(part):
            ids[row, : len(texts[text])] = texts[text]
            mask[row, : len(texts[text])] = 1
        states = peer.hidden_states(ids, mask) * mask[:, :, None]
        means = states.sum(axis=1) / mask.sum(axis=1, keepdims=True)
        for row, text in enumerate(part):
            vectors[text] = means[row] / numpy.linalg.norm(means[row])
    return [vector.tolist() for vector in vectors] if work.get("show") else None


def translate(peer: Peer, work: dict):
    ids = peer.translate(work["sources"], work["beams"], work["new_tokens"], work["banned"])
    require_lengths(ids, work["new_tokens"])
    return ids


WORKS = {"prefill": prefill, "decode": decode, "say": say, "embed": embed, "translate": translate}
