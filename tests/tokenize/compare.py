"""Holds the program against Hugging Face tokenizers on the hard texts, for any vocabulary at hand; nothing is recorded.

Run: python tests/tokenize/compare.py FOLDER... [--program build/release/eigenformer] [--class NAME]

A FOLDER has a tokenizer.json, or the files of a transformers class, by whose name --class makes transformers load it.
Compared are ids, offsets, type ids and words of each text and of pairs, and the decodings of ids. Versions: tokenizers
0.23.3, transformers 5.23.0 (with --class). Characters newer than PCRE2's Unicode are left to the recordings.
"""

import argparse
import json
import pathlib
import random
import subprocess

from hard_texts import hard_texts, long_runs
from recipe import as_characters

ROOT = pathlib.Path(__file__).parents[2]


def run(program, arguments, lines):
    text = "\n".join(json.dumps(line) for line in lines) + "\n"
    done = subprocess.run([program, "tokenize", *arguments], input=text.encode(), capture_output=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr.decode())
    return [json.loads(line) for line in done.stdout.decode().split("\n") if line]


def reference(folder, class_name):
    if class_name:
        import transformers

        return getattr(transformers, class_name).from_pretrained(folder).backend_tokenizer
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def expected(tokenizer, texts):
    encoding = tokenizer.encode(*texts)
    begins = [as_characters(text.encode())[1] for text in texts]
    sequences = [-1 if s is None else s for s in encoding.sequence_ids]
    offsets = [[begins[s][a], begins[s][b]] if s >= 0 else [0, 0] for s, (a, b) in zip(sequences, encoding.offsets)]
    words = [-1 if w is None else w for w in encoding.word_ids]
    return {"ids": encoding.ids, "offsets": offsets, "type_ids": encoding.type_ids, "texts": sequences, "words": words}


def differences(kind, texts, found, wanted):
    count = 0
    for text, a, b in zip(texts, found, wanted):
        if a == b:
            continue
        count += 1
        if count <= 3:
            keys = [key for key in b if a[key] != b[key]] if isinstance(b, dict) else [""]
            print(f"  {kind} {text!r}: {', '.join(keys)}")
            for key in keys[:2]:
                print("    found ", json.dumps(a[key] if key else a)[:300])
                print("    wanted", json.dumps(b[key] if key else b)[:300])
    return count


def compare(folder, options):
    tokenizer = reference(folder, options.class_name)
    texts = [as_characters(raw)[0] for raw in hard_texts()] + [text for _, text in long_runs()]
    found = run(options.program, [folder, "--json-lines", "--details"], texts)
    wanted = [expected(tokenizer, (text,)) for text in texts]
    wrong = differences("text", [text[:80] for text in texts], found, wanted)
    rng = random.Random(3)
    pairs = [[rng.choice(texts[:2300]), rng.choice(texts[:2300])] for _ in range(500)]
    wrong += differences("pair", pairs, run(options.program, [folder, "--pairs", "--details"], pairs),
                         [expected(tokenizer, pair) for pair in pairs])
    size = tokenizer.get_vocab_size()
    ids = [one["ids"] for one in wanted[:2300:4] if one["ids"]]
    ids += [[rng.randrange(size + 3) for _ in range(rng.randint(1, 30))] for _ in range(500)]
    for skip in (False, True):
        arguments = [folder, "--decode", "--json-lines"] + ["--no-special"] * skip
        wrong += differences("ids", ids, run(options.program, arguments, ids),
                             [tokenizer.decode(one, skip_special_tokens=skip) for one in ids])
    print(f"{folder}: {len(texts)} texts, {len(pairs)} pairs, {2 * len(ids)} decodings, {wrong} different", flush=True)
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="+")
    parser.add_argument("--program", default=str(ROOT / "build/release/eigenformer"))
    parser.add_argument("--class", dest="class_name")
    options = parser.parse_args()
    raise SystemExit(1 if sum(compare(folder, options) for folder in options.folder) else 0)
