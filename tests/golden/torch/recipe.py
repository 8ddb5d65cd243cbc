"""Small files of torch.save in every form, and beside them what torch.load makes of them. Run: python recipe.py

files/*.bin, files/sharded/: dictionaries of tensors of every type, with strides, offsets and shared storages.
expected.safetensors: the same tensors, contiguous. Empty ones, which safetensors files of ours do not hold, are listed
under "empty" in files.json, with the names of all files and of those that must be refused.
"""

import io
import itertools
import json
import pickle
import pickletools
import struct
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from unittest.mock import patch

import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402

FILES = HERE / "files"
MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001


# ---- the tensors -----------------------------------------------------------------------------------------------------


def tensors():
    """Names to tensors: every type, every way in which a tensor may look at its storage."""
    draw = torch.Generator().manual_seed(41)
    base = torch.randn(6, 10, generator=draw)
    wide = torch.arange(400, dtype=torch.int16).view(20, 20)
    state = OrderedDict()
    for name in ("float32", "float16", "bfloat16", "float64"):
        state[f"type.{name}"] = torch.randn(3, 5, generator=draw, dtype=torch.float64).to(getattr(torch, name))
    for name, low, high in (
        ("int64", -(2**62), 2**62),
        ("int32", -(2**31), 2**31),
        ("int16", -(2**15), 2**15),
        ("int8", -128, 128),
        ("uint8", 0, 256),
    ):
        state[f"type.{name}"] = torch.randint(low, high, (7,), generator=draw, dtype=getattr(torch, name))
    state["type.bool"] = torch.tensor([[True, False, False], [False, True, True]])
    state["shape.scalar"] = torch.tensor(-10000.0)
    state["shape.one"] = torch.ones(1, 1, 1, dtype=torch.float16)
    state["shape.eight"] = torch.arange(8.0).view(1, 2, 1, 2, 1, 2, 1, 1)
    state["view.whole"] = base
    state["view.tied"] = base
    state["view.transposed"] = base.T
    state["view.rows"] = base[2:5]
    state["view.columns"] = base[:, 3:7]
    state["view.column"] = base[:, 4]
    state["view.element"] = base[5, 9]
    state["view.steps"] = base[1::2, ::3]
    state["view.transposed_slice"] = base[1:4, 2:].T
    state["view.permuted"] = torch.arange(120, dtype=torch.int32).view(2, 3, 4, 5).permute(2, 0, 3, 1)
    state["view.sparse"] = wide[::9, ::7]
    state["view.repeated"] = torch.tensor([1.5, -2.5]).expand(3, 2)
    state["view.overlapping"] = torch.arange(9.0).unfold(0, 4, 2)
    state["view.flattened"] = base.flatten()[7:]
    state["parameter"] = nn.Parameter(torch.randn(2, 2, generator=draw))
    state["empty"] = torch.empty(0)
    state["empty.rows"] = torch.empty(3, 0, 2, dtype=torch.int64)
    state["name\u00e9 with spaces"] = torch.full((2,), 7, dtype=torch.uint8)
    return state


def dictionary():
    """The tensors as state_dict() gives them, with entries that are no tensors."""
    state = tensors()
    state["epoch"] = 3
    state["large"] = -(2**40)
    state["rate"] = 0.25
    state["none"] = None
    state["flags"] = [True, False, ("a", 1, [2, {}])]
    state["size"] = torch.Size([2, 3])
    state["optimizer"] = {"state": {0: {"step": torch.tensor(5.0)}}, "groups": [{"params": [0, 1]}]}
    state._metadata = OrderedDict([("", {"version": 1}), ("type", {"version": 2, "assign": True})])
    return state


# ---- the stream form -------------------------------------------------------------------------------------------------


def pickles_of(data):
    """The ends of the pickles at the beginning of a stream."""
    stream = io.BytesIO(data)
    ends = []
    for _ in range(5):
        for _ in pickletools.genops(stream):
            pass
        ends.append(stream.tell())
    return ends


def renumbered(data, sizes, protocol):
    """A stream whose storages have numbers for keys instead of places in memory, in the order of the pickle."""
    ends = pickles_of(data)
    keys = pickle.loads(data[ends[3] : ends[4]])
    place, storages = ends[4], {}
    for key in keys:
        (count,) = struct.unpack_from("<q", data, place)
        length = 8 + count * sizes[key]
        storages[key] = data[place : place + length]
        place += length
    common.check(place == len(data), "a stream is longer than its storages")
    head = data[: ends[3]]
    fresh = {}
    for key in sorted(keys, key=lambda key: head.index(key.encode())):
        fresh[key] = f"{len(fresh) + 10 ** (len(key) - 1)}"
        common.check(len(fresh[key]) == len(key), "a key of another length")
    for old, new in fresh.items():
        head = head.replace(old.encode(), new.encode())
    ordered = sorted(keys, key=fresh.get)
    tail = pickle.dumps([fresh[key] for key in ordered], protocol=protocol)
    return head + tail + b"".join(storages[key] for key in ordered)


def element_sizes(value, sizes):
    """The keys that the stream form gives to storages, with the bytes of an element."""
    if isinstance(value, torch.Tensor):
        sizes[str(value.untyped_storage()._cdata)] = value.element_size()
    elif isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            element_sizes(item, sizes)
    return sizes


def stream(state, protocol=2):
    buffer = io.BytesIO()
    torch.save(state, buffer, pickle_protocol=protocol, _use_new_zipfile_serialization=False)
    return renumbered(buffer.getvalue(), element_sizes(state, {}), protocol)


class PartPickler(pickle.Pickler):
    """Names storages as PyTorch before 0.4 did: a key, and a part of what lies under it."""

    def persistent_id(self, value):
        return value if isinstance(value, tuple) and value[:1] == ("storage",) else None


class Rebuilt:
    """A tensor of a part of a storage."""

    def __init__(self, identity, offset, size, stride):
        self.arguments = (identity, offset, size, stride)

    def __reduce__(self):
        return torch._utils._rebuild_tensor, self.arguments


def stream_of_parts():
    """Two tensors that look at parts of one storage of twelve elements."""
    part = ("part", 4, 6)
    whole = ("storage", torch.FloatStorage, "root", "cpu", 12, None)
    state = {
        "whole": Rebuilt(whole, 0, (3, 4), (4, 1)),
        "part": Rebuilt(whole[:5] + (part,), 1, (2, 2), (2, 1)),
    }
    out = io.BytesIO()
    for value in (MAGIC, VERSION, {"little_endian": True}):
        pickle.dump(value, out, protocol=2)
    PartPickler(out, protocol=2).dump(state)
    pickle.dump(["root"], out, protocol=2)
    out.write(struct.pack("<q12f", 12, *range(12)))
    return out.getvalue()


class Pairs(OrderedDict):
    """Pickled as Python 2 pickles an OrderedDict: with a list of pairs as its argument."""

    def __reduce__(self):
        return OrderedDict, ([[key, value] for key, value in self.items()],)


def as_python_2(data):
    """A pickle of protocol 2 with the opcodes of Python 2's cPickle: byte strings, a memo that begins at 1."""
    out = bytearray()
    operations = list(pickletools.genops(data))
    ends = [place for _, _, place in operations[1:]] + [len(data)]
    for (opcode, argument, place), end in zip(operations, ends, strict=True):
        if opcode.name == "BINUNICODE":
            text = argument.encode("ascii")
            out += b"U" + bytes([len(text)]) + text
        elif opcode.name in ("BINPUT", "BINGET"):
            out += data[place : place + 1] + bytes([argument + 1])
        else:
            out += data[place:end]
    return bytes(out)


def python_2_stream():
    state = Pairs((name, tensor) for name, tensor in tensors().items() if name in ("type.float32", "view.columns"))
    data = stream(state)
    ends = pickles_of(data)
    parts = [data[begin:end] for begin, end in itertools.pairwise([0] + ends)]
    return b"".join(as_python_2(part) for part in parts) + data[ends[4] :]


# ---- the archive form ------------------------------------------------------------------------------------------------


def archive(state, protocol=2):
    buffer = io.BytesIO()
    torch.save(state, buffer, pickle_protocol=protocol)
    return buffer.getvalue()


class Pipe(io.RawIOBase):
    """A file that cannot be sought in, so that sizes stand behind the members and not before them."""

    def __init__(self):
        super().__init__()
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.data += data
        return len(data)


def repacked(data, folder, leave_out=(), replaced=None, method=zipfile.ZIP_STORED, limit=None, comment=b""):
    """The members of an archive, written anew by Python's zipfile."""
    source = zipfile.ZipFile(io.BytesIO(data))
    pipe = Pipe()
    with (
        patch("zipfile.ZIP64_LIMIT", limit or zipfile.ZIP64_LIMIT),
        patch("zipfile.ZIP_FILECOUNT_LIMIT", 2 if limit else 0xFFFF),
        zipfile.ZipFile(pipe, "w", method) as target,
    ):
        target.comment = comment
        for info in source.infolist():
            name = info.filename.split("/", 1)[1]
            if name not in leave_out:
                fresh = zipfile.ZipInfo(f"{folder}/{name}")
                fresh.compress_type = method
                target.writestr(fresh, (replaced or {}).get(name, source.read(info)))
    return bytes(pipe.data)


def without_checksums(state):
    torch.serialization.set_crc32_options(False)
    data = archive(state)
    torch.serialization.set_crc32_options(True)
    return data


# ---- writing ---------------------------------------------------------------------------------------------------------


def check_loads(data, expected, strict=True):
    """torch.load gives what we expect. Its strict mode knows the opcodes of protocol 2 alone."""
    found = torch.load(io.BytesIO(data), weights_only=strict)
    for name, tensor in expected.items():
        same = found[name].dtype == tensor.dtype and torch.equal(found[name], tensor)
        common.check(same, f"torch.load gives another {name}")
    count = sum(isinstance(value, torch.Tensor) for value in found.values())
    common.check(count == len(expected), f"{count} tensors instead of {len(expected)}")


def write_sharded(state):
    folder = common.fresh_folder(FILES / "sharded")
    names = [name for name, value in state.items() if isinstance(value, torch.Tensor)]
    tied = [name for name in names if name.startswith("view.")]
    weight_map = {}
    for number, chosen in enumerate([[name for name in names if name not in tied], tied], 1):
        file = f"pytorch_model-{number:05}-of-00002.bin"
        part = {name: state[name] for name in chosen}
        (folder / file).write_bytes(archive(part) if number == 1 else stream(part))
        weight_map |= {name: file for name in chosen}
    common.save_json(folder / "pytorch_model.bin.index.json", {"metadata": {}, "weight_map": weight_map})


def main():
    state = dictionary()
    expected = {name: tensor.detach() for name, tensor in tensors().items()}
    plain = archive(state)
    good = {
        "zip": plain,
        "zip_protocol_4": archive(state, 4),
        "zip_protocol_5": archive(state, 5),
        "zip_plain_dictionary": archive(dict(state)),
        "zip_as_1_6": repacked(plain, "archive", ("byteorder", ".format_version", ".storage_alignment")),
        "zip_64": repacked(plain, "a name", limit=1, comment=b"PK\x05\x06 is no end"),
        "zip_without_checksums": without_checksums(state),
        "stream": stream(state),
        "stream_protocol_5": stream(state, 5),
    }
    some = {name: expected[name] for name in ("type.float32", "view.columns")}
    whole = torch.arange(12.0).view(3, 4)
    parts = {"whole": whole, "part": whole.flatten()[5:9].view(2, 2)}
    others = {"stream_python_2": (python_2_stream(), some), "stream_parts": (stream_of_parts(), parts)}
    bad = {
        "zip_big_endian": repacked(archive(some), "m", replaced={"byteorder": b"big"}),
        "zip_compressed": repacked(archive(some), "m", method=zipfile.ZIP_DEFLATED),
        "zip_module": archive(nn.Identity()),
        "zip_nested": archive({"state_dict": some, "epoch": 1}),
        "zip_float8": archive({"a": torch.ones(2).to(torch.float8_e4m3fn)}),
        "zip_sparse": archive({"a": torch.eye(2).to_sparse()}),
        "zip_complex": archive({"a": torch.ones(2, dtype=torch.complex64)}),
        "zip_negated": archive({"a": torch.ones(2, dtype=torch.complex64).conj().imag}),
        "zip_meta": archive({"a": torch.empty(2, device="meta")}),
        "stream_list": stream([torch.ones(2)]),
    }
    common.fresh_folder(FILES)
    for name, data in good.items():
        check_loads(data, expected, strict="protocol" not in name)
        (FILES / f"{name}.bin").write_bytes(data)
    for name, (data, values) in others.items():
        check_loads(data, values)
        (FILES / f"{name}.bin").write_bytes(data)
    for name, data in bad.items():
        (FILES / f"{name}.bin").write_bytes(data)
    write_sharded(state)
    full = {name: tensor.contiguous().clone() for name, tensor in expected.items() if tensor.numel() > 0}
    save_file(full | {f"parts.{name}": tensor.clone() for name, tensor in parts.items()}, HERE / "expected.safetensors")
    empty = {name: list(tensor.shape) for name, tensor in expected.items() if tensor.numel() == 0}
    files = {"good": sorted(good), "bad": sorted(bad), "some": sorted(some), "empty": empty, "names": list(expected)}
    common.save_json(HERE / "files.json", files | {"versions": common.versions()})
    for name, data in sorted((good | bad).items()):
        print(f"{name:24} {len(data)} bytes")


if __name__ == "__main__":
    main()
