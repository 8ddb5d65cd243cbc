"""Raw blocks of each GGUF tensor type and the values that the gguf package reads from them; values and the blocks that
the package makes of them.

Run: python recipe.py. Writes blocks.safetensors: `<type>.blocks` uint8 [blocks, bytes of a block] and `<type>.values`
float32 [blocks, values of a block]. Scales reach from negative zero over the subnormal halves to the largest half;
every nibble and every byte value stands in every block format. All values are finite. What of a block is not scale or
minimum is drawn byte by byte; some blocks have it all zeros, or all ones. Q8_K is in no file: the package reads none.

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


def edge_patterns(size, random):
    """What of a block is neither scale nor minimum."""
    yield from (bytes(size), b"\xff" * size)
    while True:
        yield random.bytes(size)


def q5_0_blocks(random):
    yield from scaled_blocks(edge_patterns(20, random), random)


def q5_1_blocks(random):
    patterns = edge_patterns(20, random)
    for index, scale in enumerate(HALVES):
        for step in (0, 1, 5, 8, 14):
            yield half_bytes(scale) + half_bytes(HALVES[(index + step) % len(HALVES)]) + next(patterns)


def iq4_nl_blocks(random):
    yield from scaled_blocks(nibble_patterns(random), random)


def mxfp4_blocks(random):
    """Larger exponents give values that are not finite."""
    patterns = nibble_patterns(random)
    for exponent in (*range(8), *range(8, 252, 11), *range(120, 134), *range(244, 253)):
        yield bytes([exponent]) + next(patterns)


def superblocks(before, halves, after, random):
    """Blocks of 256 values, whose scale (and minimum) lie among `before` and `after` other bytes."""
    patterns = edge_patterns(before + after, random)
    for index, scale in enumerate(HALVES + HALVES[-6:]):
        rest = next(patterns)
        numbers = (half_bytes(scale), half_bytes(HALVES[(index * 5 + 3) % len(HALVES)]))
        yield rest[:before] + b"".join(numbers[:halves]) + rest[before:]


# ---- the formats once more, value by value, as a second witness ------------------------------------------------------


def nibbles(data):
    """The low nibbles are values 0 to 15, the high ones 16 to 31."""
    return [byte & 15 for byte in data] + [byte >> 4 for byte in data]


def with_fifth_bits(data):
    """Four bytes of fifth bits, then nibbles."""
    bits = int.from_bytes(data[:4], "little")
    return [low | (bits >> i & 1) << 4 for i, low in enumerate(nibbles(data[4:]))]


def runs_of_nibbles(data, run):
    """Runs of as many bytes: the low nibbles of one, then its high ones."""
    return [q for start in range(0, len(data), run) for q in nibbles(data[start : start + run])]


def bit_pairs(data):
    """32 bytes are 128 values of two bits: value i of a run lies in byte i % 32, from the lowest bits on."""
    return [data[start + i % 32] >> (2 * (i // 32)) & 3 for start in range(0, len(data), 32) for i in range(128)]


def factors_of_k(data):
    """Eight factors of scales and eight of minimums in twelve bytes."""
    first = [(data[i] & 63, data[i + 4] & 63) for i in range(4)]
    last = [(data[i + 8] & 15 | data[i] >> 6 << 4, data[i + 8] >> 4 | data[i + 4] >> 6 << 4) for i in range(4)]
    return first + last


def above_minimums(scale, minimum, factors, codes):
    run = len(codes) // len(factors)
    return [(scale * factors[i // run][0]) * q - minimum * factors[i // run][1] for i, q in enumerate(codes)]


def around_zero(scale, factors, codes):
    run = len(codes) // len(factors)
    return [(scale * factors[i // run]) * q for i, q in enumerate(codes)]


def q2_k_values(block):
    factors = [(byte & 15, byte >> 4) for byte in block[:16]]
    return above_minimums(half_value(block[80:82]), half_value(block[82:]), factors, bit_pairs(block[16:80]))


def q3_k_values(block):
    third = [block[i % 32] >> (i // 32) & 1 for i in range(256)]
    codes = [low - (0 if bit else 4) for low, bit in zip(bit_pairs(block[32:96]), third)]
    data = block[96:108]
    factors = [((data[i % 8] >> (i // 8 * 4) & 15) | (data[8 + i % 4] >> (i // 4 * 2) & 3) << 4) - 32 for i in range(16)]
    return around_zero(half_value(block[108:]), factors, codes)


def q4_k_values(block):
    codes = runs_of_nibbles(block[16:], 32)
    return above_minimums(half_value(block[:2]), half_value(block[2:4]), factors_of_k(block[4:16]), codes)


def q5_k_values(block):
    codes = [q | (block[16 + i % 32] >> (i // 32) & 1) << 4 for i, q in enumerate(runs_of_nibbles(block[48:], 32))]
    return above_minimums(half_value(block[:2]), half_value(block[2:4]), factors_of_k(block[4:16]), codes)


def q6_k_values(block):
    codes = [(q | high << 4) - 32 for q, high in zip(runs_of_nibbles(block[:128], 64), bit_pairs(block[128:192]))]
    return around_zero(half_value(block[208:]), struct.unpack("<16b", block[192:208]), codes)


IQ4 = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
FP4 = (0, 0.5, 1, 1.5, 2, 3, 4, 6)


def iq4_xs_values(block):
    high = int.from_bytes(block[2:4], "little")
    low = [q for byte in block[4:8] for q in (byte & 15, byte >> 4)]
    factors = [(q | (high >> 2 * i & 3) << 4) - 32 for i, q in enumerate(low)]
    return around_zero(half_value(block[:2]), factors, [IQ4[q] for q in runs_of_nibbles(block[8:], 16)])


def mxfp4_values(block):
    """Its zero has no sign in ggml."""
    codes = nibbles(block[1:])
    return [(-1 if q > 8 else 1) * FP4[q % 8] * 2.0 ** (block[0] - 127) for q in codes]


SECOND_WITNESS = {
    "F16": lambda block: [half_value(block)],
    "BF16": lambda block: [struct.unpack("<f", b"\0\0" + block)[0]],
    "Q4_0": lambda block: [half_value(block[:2]) * (q - 8) for q in nibbles(block[2:])],
    "Q4_1": lambda block: [half_value(block[:2]) * q + half_value(block[2:4]) for q in nibbles(block[4:])],
    "Q8_0": lambda block: [half_value(block[:2]) * q for q in struct.unpack("<32b", block[2:])],
    "Q5_0": lambda block: [half_value(block[:2]) * (q - 16) for q in with_fifth_bits(block[2:])],
    "Q5_1": lambda block: [half_value(block[:2]) * q + half_value(block[2:4]) for q in with_fifth_bits(block[4:])],
    "Q2_K": q2_k_values,
    "Q3_K": q3_k_values,
    "Q4_K": q4_k_values,
    "Q5_K": q5_k_values,
    "Q6_K": q6_k_values,
    "IQ4_NL": lambda block: [half_value(block[:2]) * IQ4[q] for q in nibbles(block[2:])],
    "IQ4_XS": iq4_xs_values,
    "MXFP4": mxfp4_values,
}
BLOCKS = {
    "F16": f16_blocks,
    "BF16": bf16_blocks,
    "Q4_0": q4_0_blocks,
    "Q4_1": q4_1_blocks,
    "Q8_0": q8_0_blocks,
    "Q5_0": q5_0_blocks,
    "Q5_1": q5_1_blocks,
    "Q2_K": lambda random: superblocks(80, 2, 0, random),
    "Q3_K": lambda random: superblocks(108, 1, 0, random),
    "Q4_K": lambda random: superblocks(0, 2, 140, random),
    "Q5_K": lambda random: superblocks(0, 2, 172, random),
    "Q6_K": lambda random: superblocks(208, 1, 0, random),
    "IQ4_NL": iq4_nl_blocks,
    "IQ4_XS": lambda random: superblocks(0, 1, 134, random),
    "MXFP4": mxfp4_blocks,
}


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
