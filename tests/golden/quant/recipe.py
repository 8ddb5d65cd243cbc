"""Raw blocks of each GGUF tensor type and the values that the gguf package reads from them; values and the blocks that
the package makes of them.

Run: python recipe.py. Writes blocks.safetensors: `<type>.blocks` uint8 [blocks, bytes of a block] and `<type>.values`
float32 [blocks, values of a block]. Scales reach from negative zero over the subnormal halves to the largest half;
every nibble and every byte value stands in every block format. All values are finite.

Writes quantized.safetensors: `values` float32 [blocks, 32], and `Q8_0` and `Q4_1` uint8 [blocks, bytes of a block].
"""

import struct
import sys
from pathlib import Path

import gguf
import numpy
import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402

# bits of halves: zeros, smallest and largest subnormals, smallest normals, ones, odd values, largest
HALVES = (
    [0x0000, 0x8000, 0x0001, 0x8001, 0x0155, 0x03FF, 0x83FF, 0x0400, 0x8400]
    + [0x2E66, 0xAE66, 0x3C00, 0xBC00, 0x3555, 0x4248, 0x7BFF, 0xFBFF]
)  # fmt: skip


def half_bytes(bits):
    return struct.pack("<H", bits)


def half_value(data):
    return struct.unpack("<e", data)[0]


def nibble_patterns(random):
    ramp = bytes(i | (15 - i) << 4 for i in range(16))
    yield from (ramp, ramp[::-1], bytes(16), b"\xff" * 16, b"\x0f" * 16, b"\xf0" * 16)
    while True:
        yield random.bytes(16)


def byte_patterns(random):
    for start in range(0, 256, 32):
        yield bytes(range(start, start + 32))
    while True:
        yield random.bytes(32)


def f16_blocks(random):
    for exponent in range(31):
        for fraction in (0, 1, 0x155, 0x200, 0x2AA, 0x3FF):
            for sign in (0, 0x8000):
                yield half_bytes(sign | exponent << 10 | fraction)


def bf16_blocks(random):
    for exponent in range(255):
        for fraction in (0, 1, 0x2A, 0x7F):
            for sign in (0, 0x8000):
                yield half_bytes(sign | exponent << 7 | fraction)


def scaled_blocks(patterns, random):
    for bits in HALVES:
        for _ in range(5):
            yield half_bytes(bits) + next(patterns)
    for _ in range(16):
        yield numpy.float16(random.normal() * 0.1).tobytes() + next(patterns)


def q4_0_blocks(random):
    yield from scaled_blocks(nibble_patterns(random), random)


def q8_0_blocks(random):
    yield from scaled_blocks(byte_patterns(random), random)


def q4_1_blocks(random):
    """Scale, minimum, nibbles; every scale meets several minima."""
    patterns = nibble_patterns(random)
    for index, scale in enumerate(HALVES):
        for step in (0, 1, 5, 8, 14):
            yield half_bytes(scale) + half_bytes(HALVES[(index + step) % len(HALVES)]) + next(patterns)
    for _ in range(16):
        yield random.normal(size=2).astype(numpy.float16).tobytes() + next(patterns)


# ---- the formats once more, value by value, as a second witness ------------------------------------------------------


def nibbles(data):
    """The low nibbles are values 0 to 15, the high ones 16 to 31."""
    return [byte & 15 for byte in data] + [byte >> 4 for byte in data]


SECOND_WITNESS = {
    "F16": lambda block: [half_value(block)],
    "BF16": lambda block: [struct.unpack("<f", b"\0\0" + block)[0]],
    "Q4_0": lambda block: [half_value(block[:2]) * (q - 8) for q in nibbles(block[2:])],
    "Q4_1": lambda block: [half_value(block[:2]) * q + half_value(block[2:4]) for q in nibbles(block[4:])],
    "Q8_0": lambda block: [half_value(block[:2]) * q for q in struct.unpack("<32b", block[2:])],
}
BLOCKS = {"F16": f16_blocks, "BF16": bf16_blocks, "Q4_0": q4_0_blocks, "Q4_1": q4_1_blocks, "Q8_0": q8_0_blocks}


# ---- quantizing ------------------------------------------------------------------------------------------------------


def values_to_quantize(random):
    """Blocks of 32 values. Magnitudes reach from scales that round to zero to the largest scales that a half holds."""
    yield numpy.zeros(32)
    for sign in (1, -1):
        yield numpy.full(32, sign * 0.7)
        yield sign * (numpy.arange(32) % 8 + 1.0)  # one sign alone
        for unit in (1.0, 0.25, 2.0**-12):
            ties = numpy.arange(32) * 4 + 0.5  # each code of Q8_0 half way between two
            ties[-1] = 127
            yield sign * unit * ties
            yield sign * unit * (numpy.arange(32) % 16 - 7.5)  # each code of Q4_1 exactly
            yield sign * unit * numpy.append(numpy.arange(30) / 2, [0, 15])  # each second one half way between two
    for exponent in range(-34, 16):
        for _ in range(4):
            block = random.normal(size=32) * 2.0**exponent
            yield block.clip(-65504, 65504)
        block[random.randint(32)] = 9 * 2.0**exponent  # one value stands out
        yield block.clip(-65504, 65504)


def quantize():
    values = numpy.array(list(values_to_quantize(numpy.random.RandomState(72))), dtype=numpy.float32)
    tensors = {"values": torch.from_numpy(values)}
    for name in ("Q8_0", "Q4_1"):
        kind = gguf.GGMLQuantizationType[name]
        blocks = gguf.quants.quantize(values, kind)
        common.check(numpy.isfinite(gguf.quants.dequantize(blocks, kind)).all(), f"{name}: a scale is not finite")
        tensors[name] = torch.from_numpy(blocks.copy())
    print(f"quantized: {len(values)} blocks")
    save_file(tensors, HERE / "quantized.safetensors")


def main():
    quantize()
    tensors = {}
    for name, make_blocks in BLOCKS.items():
        kind = gguf.GGMLQuantizationType[name]
        count, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = list(make_blocks(numpy.random.RandomState(71)))
        raw = numpy.frombuffer(b"".join(blocks), numpy.uint8).reshape(len(blocks), size)
        data = raw.view(numpy.float16) if name == "F16" else raw
        values = gguf.quants.dequantize(data, kind).astype(numpy.float32).reshape(len(blocks), count)
        again = numpy.array([SECOND_WITNESS[name](block) for block in blocks], dtype=numpy.float32)
        common.check(numpy.isfinite(values).all(), f"{name}: values are not finite")
        common.check(
            numpy.array_equal(values, again) and numpy.array_equal(numpy.signbit(values), numpy.signbit(again)),
            f"{name}: the package and the second witness differ",
        )
        tensors[f"{name}.blocks"] = torch.from_numpy(raw.copy())
        tensors[f"{name}.values"] = torch.from_numpy(values)
        print(f"{name}: {len(blocks)} blocks")
    save_file(tensors, HERE / "blocks.safetensors")


if __name__ == "__main__":
    main()
