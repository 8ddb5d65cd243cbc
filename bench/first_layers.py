#!/usr/bin/env python3
"""Writes the first and last layers of a GGUF model as a model of their own: a smaller one with the same vocabulary.

    bench/first_layers.py MODEL.gguf OUT.gguf --first 6 --last 2

It says little that is right, as nobody has trained it; as a draft model it shows what drafting costs and what it brings
at the share of right tokens that `drafting_speed` prints. Needs the Python package gguf.
"""

import argparse
import re

import gguf
import numpy as np


def copy_metadata(reader: gguf.GGUFReader, writer: gguf.GGUFWriter, layers: int) -> None:
    """All keys but those that GGUFWriter writes by itself; the count of layers is the new one."""
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        value = layers if field.name.endswith(".block_count") else field.contents()
        writer.add_key_value(field.name, value, field.types[0], field.types[1] if len(field.types) > 1 else None)


def kept_name(name: str, places: dict[int, int]) -> str | None:
    """The name of a tensor in the smaller model; None where its layer is left out."""
    layer = re.match(r"blk\.(\d+)\.(.*)", name)
    if layer is None:
        return name
    place = places.get(int(layer[1]))
    return None if place is None else f"blk.{place}.{layer[2]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--first", type=int, default=6, help="layers from the first on")
    parser.add_argument("--last", type=int, default=2, help="layers up to the last")
    options = parser.parse_args()

    reader = gguf.GGUFReader(options.model)
    architecture = reader.fields["general.architecture"].contents()
    count = reader.fields[f"{architecture}.block_count"].contents()
    if options.first + options.last > count:
        parser.error(f"expected at most the {count} layers that there are, found {options.first} + {options.last}")
    kept = [*range(options.first), *range(count - options.last, count)]
    places = {layer: place for place, layer in enumerate(kept)}
    writer = gguf.GGUFWriter(options.out, architecture)
    copy_metadata(reader, writer, len(kept))
    for tensor in reader.tensors:
        name = kept_name(tensor.name, places)
        if name is not None:
            writer.add_tensor(name, np.asarray(tensor.data), raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
