"""Llama shapes with random weights as GGUF files in Q4_1, with the vocabulary of another GGUF file.

Shapes: https://huggingface.co/HuggingFaceTB/SmolLM2-135M, SmolLM2-360M, https://huggingface.co/meta-llama/Llama-3.2-1B,
Llama-3.2-3B, but for the vocabulary, which is that of the source (the default model's 49,152 tokens instead of Llama
3.2's 128,256), and the frequencies of long texts. The table, which is the head as well, is in Q8_0 as the default
model's. Blocks have random codes and scales that give the weights the spread 0.5 / sqrt(inputs).
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path

SEED = 1
VOCABULARY = 49152  # the default model's
POOL_BLOCKS = 1 << 16  # random blocks, which are used again and again: speed does not depend on them


@dataclasses.dataclass(frozen=True)
class Shape:
    width: int
    layers: int
    heads: int
    key_heads: int
    inner: int

    @property
    def head_size(self) -> int:
        return self.width // self.heads

    def matrices(self) -> dict[str, tuple[int, int]]:
        """[outputs, inputs] of the matrices of a layer, by their GGUF names."""
        keys = self.key_heads * self.head_size
        return {
            "attn_q": (self.width, self.width),
            "attn_k": (keys, self.width),
            "attn_v": (keys, self.width),
            "attn_output": (self.width, self.width),
            "ffn_gate": (self.inner, self.width),
            "ffn_up": (self.inner, self.width),
            "ffn_down": (self.width, self.inner),
        }

    def parameters(self, vocabulary: int) -> int:
        """Of the table, which is the head as well, and the matrices of the layers."""
        layer = sum(outputs * inputs for outputs, inputs in self.matrices().values())
        return vocabulary * self.width + self.layers * layer


SHAPES = {
    "llama-135m": Shape(width=576, layers=30, heads=9, key_heads=3, inner=1536),
    "llama-360m": Shape(width=960, layers=32, heads=15, key_heads=5, inner=2560),
    "llama-1b": Shape(width=2048, layers=16, heads=32, key_heads=8, inner=8192),
    "llama-3b": Shape(width=3072, layers=28, heads=24, key_heads=8, inner=8192),
}


class RandomBlocks:
    """Blocks of 32 weights: Q4_1 is scale, minimum (f16) and 16 bytes of codes; Q8_0 is scale and 32 bytes."""

    def __init__(self):
        import numpy

        self.numpy = numpy
        self.random = numpy.random.default_rng(SEED)
        self.pools = {16: self.codes(16), 32: self.codes(32)}

    def codes(self, size: int):
        return self.random.integers(0, 256, (POOL_BLOCKS, size), dtype=self.numpy.uint8)

    def matrix(self, outputs: int, inputs: int, header: list[float], size: int):
        """[outputs, bytes of a row]: every block with the same header, codes from a random place of the pool on."""
        blocks = outputs * inputs // 32
        start = int(self.random.integers(POOL_BLOCKS))
        places = (self.numpy.arange(blocks) + start) % POOL_BLOCKS
        head = self.numpy.array(header, dtype=self.numpy.float16).view(self.numpy.uint8)
        heads = self.numpy.broadcast_to(head, (blocks, len(head)))
        return self.numpy.concatenate([heads, self.pools[size][places]], axis=1).reshape(outputs, -1)

    def q4_1(self, outputs: int, inputs: int):
        """Codes 0 to 15 have the standard deviation 4.61 around 7.5."""
        scale = 0.5 * inputs**-0.5 / 4.61
        return self.matrix(outputs, inputs, [scale, -7.5 * scale], 16)

    def q8_0(self, outputs: int, inputs: int):
        """Codes -128 to 127 have the standard deviation 73.9."""
        return self.matrix(outputs, inputs, [0.5 * inputs**-0.5 / 73.9], 32)


def copy_vocabulary(reader, writer) -> int:
    """The tokenizer's keys; returns the number of tokens."""
    import gguf

    for field in reader.fields.values():
        if not field.name.startswith("tokenizer."):
            continue
        is_array = field.types[0] == gguf.GGUFValueType.ARRAY
        writer.add_key_value(field.name, field.contents(), field.types[0], field.types[-1] if is_array else None)
    return len(reader.fields["tokenizer.ggml.tokens"].data)


def write_config(writer, shape: Shape, vocabulary: int) -> None:
    writer.add_block_count(shape.layers)
    writer.add_context_length(8192)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(500000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(vocabulary)


def write_weights(writer, shape: Shape, vocabulary: int) -> None:
    import gguf

    blocks = RandomBlocks()
    ones = blocks.numpy.ones(shape.width, dtype=blocks.numpy.float32)
    table = blocks.q8_0(vocabulary, shape.width)
    writer.add_tensor("token_embd.weight", table, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("output_norm.weight", ones)
    for layer in range(shape.layers):
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", ones)
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", ones)
        for name, (outputs, inputs) in shape.matrices().items():
            matrix = blocks.q4_1(outputs, inputs)
            writer.add_tensor(f"blk.{layer}.{name}.weight", matrix, raw_dtype=gguf.GGMLQuantizationType.Q4_1)


def writer(name: str) -> Callable[[Path, Path], None]:
    def write(source: Path, target: Path) -> None:
        import gguf

        shape = SHAPES[name]
        file = gguf.GGUFWriter(target, "llama")
        vocabulary = copy_vocabulary(gguf.GGUFReader(source), file)
        write_config(file, shape, vocabulary)
        write_weights(file, shape, vocabulary)
        file.write_header_to_file()
        file.write_kv_data_to_file()
        file.write_tensors_to_file()
        file.close()

    return write
