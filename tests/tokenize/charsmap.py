"""Compiles a table of replacements as sentencepiece stores it (normalizers/charsmap.hpp has the layout)."""

import base64
import struct


def compiled(rules):
    """{source: target} in bytes, by the simplest search for room that there is."""
    targets, places = b"", {}
    for target in sorted(set(rules.values())):
        places[target] = len(targets)
        targets += target.encode() + b"\0"
    cells, nodes = {0: 0}, [(0, sorted((source.encode(), places[target]) for source, target in rules.items()), 0)]
    first_free = 1
    while nodes:
        cell, keys, depth = nodes.pop()
        value = [place for key, place in keys if len(key) == depth]
        labels = sorted({key[depth] for key, _ in keys if len(key) > depth})
        wanted = ([0] if value else []) + labels
        base = first_free ^ wanted[0]
        while base in (0, cell) or any(base ^ label in cells for label in wanted):
            base += 1
        offset = cell ^ base
        assert offset < 1 << 21
        cells[cell] |= offset << 10 | (0x100 if value else 0)
        if value:
            cells[base] = 0x80000000 | value[0]
        for label in labels:
            cells[base ^ label] = label
            nodes.append((base ^ label, [entry for entry in keys if len(entry[0]) > depth and entry[0][depth] == label], depth + 1))
        while first_free in cells:
            first_free += 1
    count = (max(cells) | 255) + 1
    units = struct.pack(f"<{count}I", *(cells.get(k, 0) for k in range(count)))
    return struct.pack("<I", len(units)) + units + targets


def base64_of(rules):
    return base64.b64encode(compiled(rules)).decode()
