"""CTranslate2: int8 weights and activations, or f32. https://github.com/OpenNMT/CTranslate2"""

import json
from pathlib import Path

from .peer import Ids, Peer

ENGINE = "CTranslate2"
WEIGHTS = {"language": ["int8"], "embed": ["f32", "int8"], "translate": ["f32", "int8"]}
TYPES = {"f32": "float32", "int8": "int8_float32"}


class NumberedTokens:
    """Stands in for a tokenizer: a model with random weights has no words."""

    unk_token, bos_token, eos_token, pad_token = "t1", None, "t0", "<pad>"

    def __init__(self, size: int):
        self.size = size

    def get_vocab(self) -> dict[str, int]:
        return {f"t{number}": number for number in range(self.size - 1)} | {"<pad>": self.size - 1}


def convert(task: str, weights: str, source: Path, target: Path) -> None:
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):
        def load_tokenizer(self, tokenizer_class, name, **options):
            if task != "translate":
                return super().load_tokenizer(tokenizer_class, name, **options)
            return NumberedTokens(json.loads((source / "config.json").read_text())["vocab_size"])

    Converter(str(source)).convert(str(target), quantization=TYPES[weights], force=True)


def vocabulary_of(folder: Path) -> list[str]:
    """The tokens by their ids."""
    for name in ("vocabulary.json", "shared_vocabulary.json"):
        if (folder / name).exists():
            return json.loads((folder / name).read_text())
    raise FileNotFoundError(f"no vocabulary in {folder}")


class Generator(Peer):
    def __init__(self, folder: Path, weights: str, threads: int):
        import ctranslate2

        self.tokens = vocabulary_of(folder)
        self.engine = ctranslate2.Generator(str(folder), compute_type=TYPES[weights], intra_threads=threads)

    def generate(self, prompts: list[Ids], new_tokens: int) -> list[Ids]:
        results = self.engine.generate_batch(
            [[self.tokens[id] for id in prompt] for prompt in prompts],
            max_length=new_tokens, min_length=new_tokens, include_prompt_in_result=False)  # fmt: skip
        return [result.sequences_ids[0] for result in results]


class Encoder(Peer):
    def __init__(self, folder: Path, weights: str, threads: int):
        import ctranslate2

        self.engine = ctranslate2.Encoder(str(folder), compute_type=TYPES[weights], intra_threads=threads)

    def hidden_states(self, ids, mask):
        import numpy

        texts = [row[: sum(kept)].tolist() for row, kept in zip(ids, mask, strict=True)]
        return numpy.array(self.engine.forward_batch(texts).last_hidden_state)


class Translator(Peer):
    def __init__(self, folder: Path, weights: str, threads: int):
        import ctranslate2

        self.tokens = vocabulary_of(folder)
        self.ids = {token: id for id, token in enumerate(self.tokens)}
        self.engine = ctranslate2.Translator(str(folder), compute_type=TYPES[weights], intra_threads=threads)

    def translate(self, sources: list[Ids], beams: int, new_tokens: int, banned: Ids) -> list[Ids]:
        """`banned` are the end token, which min_decoding_length bans, and the padding, which the model has not."""
        results = self.engine.translate_batch(
            [[self.tokens[id] for id in source] for source in sources],
            beam_size=beams, max_decoding_length=new_tokens, min_decoding_length=new_tokens)  # fmt: skip
        return [[self.ids[token] for token in result.hypotheses[0]] for result in results]


PEERS = {"language": Generator, "embed": Encoder, "translate": Translator}


def load(task: str, weights: str, folder: Path, threads: int) -> Peer:
    return PEERS[task](folder, weights, threads)
