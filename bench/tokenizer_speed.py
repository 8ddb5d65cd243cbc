#!/usr/bin/env python3
"""Encoding speed beside Hugging Face tokenizers, each on one thread, on the same texts: both in turn, medians, ratios.

    bench/tokenizer_speed.py FOLDER... [--megabytes 10] [--rounds 5]

A FOLDER has a tokenizer.json. The texts are those of bench/tokenizer_texts.py, once as many texts of ordinary length
and once joined to one document; the ids of all of them are compared first. Hugging Face tokenizers encodes a batch
without offsets (encode_batch_fast), its fastest way, and keeps its cache from round to round. Seconds are those of the
processor, so that others on the machine disturb little. Build the other side
with scripts/build bench tokenizer_rounds. Package: tokenizers 0.23.3.
"""

import argparse
import os
import statistics
import struct
import subprocess
import tempfile
import time
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers
from tokenizer_texts import texts as made_texts

PROGRAM = Path(__file__).resolve().parent.parent / "build" / "bench" / "bench" / "tokenizer_rounds"


class Ours:
    """The program on one list of texts."""

    def __init__(self, program, folder, texts, scratch):
        path = Path(scratch) / "texts"
        path.write_bytes(b"".join(text.encode() + b"\0" for text in texts))
        self.ids_path = Path(scratch) / "ids"
        self.process = subprocess.Popen([program, folder, path, self.ids_path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.load_seconds = float(self.process.stdout.readline())

    def seconds(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def ids(self):
        """Read after the first round: by then they have been written."""
        data, position, ids = self.ids_path.read_bytes(), 0, []
        while position < len(data):
            (count,) = struct.unpack_from("<i", data, position)
            ids.append(list(struct.unpack_from(f"<{count}i", data, position + 4)))
            position += 4 + 4 * count
        return ids

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(call):
    """Seconds of the processor, on this one thread, and what the call gives."""
    begin = time.process_time()
    result = call()
    return time.process_time() - begin, result


def measure(name, folder, texts, options):
    load, theirs = timed(lambda: tokenizers.Tokenizer.from_file(str(Path(folder) / "tokenizer.json")))
    theirs.no_truncation()
    theirs.no_padding()
    with tempfile.TemporaryDirectory() as scratch:
        ours = Ours(options.program, folder, texts, scratch)
        ours.seconds()
        wanted = [encoding.ids for encoding in theirs.encode_batch_fast(texts)]
        different = sum(a != b for a, b in zip(ours.ids(), wanted, strict=True))
        pairs = []
        for _ in range(options.rounds):
            mine = ours.seconds()
            other, _ = timed(lambda: theirs.encode_batch_fast(texts))
            pairs.append((mine, other))
        ours.close()
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    mine = megabytes / statistics.median(a for a, _ in pairs)
    other = megabytes / statistics.median(b for _, b in pairs)
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{name}: {len(texts)} texts, {different} different; eigenformer {mine:.1f} MB/s, tokenizers {other:.1f} MB/s, "
          f"ratio {ratio:.1f}; loading {ours.load_seconds:.2f} s, tokenizers {load:.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="+")
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    texts = made_texts(int(options.megabytes * 1e6))
    for folder in options.folder:
        measure(f"{folder}, texts", folder, texts, options)
        measure(f"{folder}, one document", folder, ["\n".join(texts)], options)


if __name__ == "__main__":
    main()
