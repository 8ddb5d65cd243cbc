"""Records what Hugging Face makes of the hard texts, for small byte-level vocabularies that are trained here.

Versions: tokenizers 0.23.3, transformers 5.23.0, gguf 0.19.0 (for the default model's vocabulary only).
Run: python tests/tokenize/recipe.py [path of SmolLM2-135M-Instruct.Q4_1.gguf]

Writes beside itself:
  data/texts.json            the texts; {"hex": ...} where a text is not UTF-8
  data/<name>/               a folder as the library loads it
  data/<name>.expected.json  "texts", "runs": one line a text: hash of its ids (64 bits), of its offsets and of its decodings
                             (32 bits each), null where a pattern's meaning depends on the Unicode version; "samples": ids in full for some; "decodings": random ids, and what they mean
The hashes are FNV-1a over little-endian 32-bit words (ids, offsets) or over bytes (text).
"""

import json
import pathlib
import random
import shutil
import sys
import unicodedata

import tokenizers
import transformers
from hard_texts import WRITTEN, hard_texts, long_runs
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

assert (tokenizers.__version__, transformers.__version__) == ("0.23.3", "5.23.0")
DATA = pathlib.Path(__file__).parent / "data"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace("{1,3}", "")
OWN = r"\p{Lu}\p{Ll}+|\p{L}+|[^\s\p{L}\p{N}]{1,2}|\p{N}+(?=\.)|\s+$"


def fnv(data, bits):
    basis, prime = {64: (0xCBF29CE484222325, 0x100000001B3), 32: (0x811C9DC5, 0x01000193)}[bits]
    for byte in data:
        basis = (basis ^ byte) * prime & ((1 << bits) - 1)
    return f"{basis:0{bits // 4}x}"


def byte_characters():
    """The character that stands for each byte which occurs in UTF-8."""
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    found = {}
    for k in [*range(0x800), *range(0x800, 0x10000, 0x400), *range(0x10000, 0x110000, 0x1000)]:
        if not 0xD800 <= k < 0xE000:
            found.update(zip(chr(k).encode(), level.pre_tokenize_str(chr(k))[0][0]))
    return found


BYTES = byte_characters()


def words(values):
    return b"".join(value.to_bytes(4, "little") for value in values)


def as_characters(raw):
    """The text as Python reads it, and the byte each character begins at (and the end)."""
    text, begins, position = [], [0], 0
    while position < len(raw):
        try:
            rest = raw[position:].decode("utf-8")
        except UnicodeDecodeError as error:
            rest = raw[position : position + error.start].decode("utf-8")
            bad = error.end - error.start
        else:
            bad = 0
        for character in rest:
            text.append(character)
            position += len(character.encode("utf-8"))
            begins.append(position)
        if bad:
            text.append("\ufffd")
            position += bad
            begins.append(position)
    text = "".join(text)
    assert text == raw.decode("utf-8", "replace")
    return text, begins


def line(tokenizer, raw):
    text, begins = as_characters(raw)
    encoding = tokenizer.encode(text)
    offsets = fnv(words(begins[place] for pair in encoding.offsets for place in pair), 32)
    if isinstance(tokenizer.model, models.BPE) and tokenizer.model.unk_token is None and any(tokenizer.token_to_id(BYTES[byte]) is None for byte in text.encode()):
        offsets = "-"  # bytes that no token has are dropped, and the reference's offsets go astray beside them
    decoded = "\0".join(tokenizer.decode(encoding.ids, skip_special_tokens=skip) for skip in (False, True))
    return f"{fnv(words(encoding.ids), 64)} {offsets} {fnv(decoded.encode(), 32)}"


def has_new_letters(raw):
    """Whether a regular expression library of Unicode 14 (PCRE2 10.42) takes a letter for something else."""
    text = as_characters(raw)[0]
    known = "".join(c for c in text if unicodedata.category(c) != "Cn")
    letters = pre_tokenizers.Split(Regex(r"[\p{L}\p{N}]"), "removed", invert=True)
    count = lambda characters: sum(len(piece) for piece, _ in letters.pre_tokenize_str(characters))
    return unicodedata.unidata_version == "14.0.0" and count(text) != count(known)


def record(name, tokenizer, size, own_pattern=False):
    texts = hard_texts()
    rng = random.Random(7)
    decodings = []
    for _ in range(150):
        ids = [rng.randrange(size + 3) for _ in range(rng.randint(1, 30))]  # some are no tokens
        decodings.append([ids, tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)])
    samples = list(range(0, 60, 4))
    expected = {
        "texts": [None if own_pattern and has_new_letters(raw) else line(tokenizer, raw) for raw in texts],
        "runs": {rule: line(tokenizer, text.encode()) for rule, text in long_runs()},
        "samples": {str(k): tokenizer.encode(as_characters(texts[k])[0]).ids for k in samples},
        "decodings": decodings,
    }
    with open(DATA / f"{name}.expected.json", "w", encoding="utf-8") as out:
        parts = []
        for key, value in expected.items():
            items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
            rows = [(json.dumps(k) + ": " if k else "") + json.dumps(v, ensure_ascii=False, separators=(",", ":")) for k, v in items]
            brackets = "{}" if isinstance(value, dict) else "[]"
            parts.append(f'"{key}": {brackets[0]}\n' + ",\n".join(rows) + f"\n{brackets[1]}")
        out.write("{\n" + ",\n".join(parts) + "\n}\n")


def train(pre_tokenizer, size, special, normalizer=None, alphabet=True, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()) if alphabet else [],
    )
    tokenizer.train_from_iterator(WRITTEN * 2, trainer)
    return tokenizer


def folder(name):
    path = DATA / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def save(tokenizer, path, legacy_merges=False):
    value = json.loads(tokenizer.to_str())
    if legacy_merges:
        value["model"]["merges"] = [" ".join(pair) for pair in value["model"]["merges"]]
    write(path / "tokenizer.json", value)


def through_transformers(path, kind=transformers.PreTrainedTokenizerFast):
    return kind.from_pretrained(path).backend_tokenizer


def gpt2():
    """vocab.json and merges.txt with the older config files, as DialoGPT has them, and tokens added by a user."""
    path = folder("gpt2")
    tokenizer = train(pre_tokenizers.ByteLevel(add_prefix_space=False), 700, ["<|endoftext|>"])
    vocabulary = tokenizer.get_vocab()
    write(path / "vocab.json", dict(sorted(vocabulary.items(), key=lambda item: item[1])))
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    (path / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in merges))
    write(path / "config.json", {"model_type": "gpt2"})
    write(path / "tokenizer_config.json", {"model_max_length": 1024, "add_bos_token": True, "pad_token": "<pad>"})
    write(path / "special_tokens_map.json", {"bos_token": {"content": "<|im_start|>", "lstrip": True, "normalized": True, "rstrip": False, "single_word": False}, "additional_special_tokens": ["<s>", "</s>"]})
    size = len(vocabulary)
    write(path / "added_tokens.json", {"<|im_start|>": size, "[BOTH]": size + 1, "<mask>": size + 2})
    backend = through_transformers(path, transformers.GPT2Tokenizer)
    record("gpt2", backend, backend.get_vocab_size())


def llama3():
    """Pieces that are tokens are not merged; a template; offsets without white space; merges as pairs."""
    path = folder("llama3")
    split = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    steps = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer = train(steps, 900, [], ignore_merges=True)
    value = json.loads(tokenizer.to_str())
    value["model"]["merges"] = value["model"]["merges"][:-120]  # so that 120 tokens are only found whole
    tokenizer = Tokenizer.from_str(json.dumps(value))
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    begin = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(add_prefix_space=False, trim_offsets=True),
        processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A $B", special_tokens=[("<|begin_of_text|>", begin)]),
    ])  # fmt: skip
    save(tokenizer, path)
    write(path / "special_tokens_map.json", {"bos_token": "<|begin_of_text|>", "eos_token": {"content": "<|eot_id|>", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}})
    backend = through_transformers(path)
    record("llama3", backend, backend.get_vocab_size())


def qwen2():
    """NFC; merges as lines; flags that the config changes; a token that only the config knows."""
    path = folder("qwen2")
    split = pre_tokenizers.Split(Regex(QWEN2), "isolated")
    steps = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer = train(steps, 800, [], normalizers.NFC())
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")])
    tokenizer.add_tokens([AddedToken("<tool_call>", normalized=False), AddedToken("</tool_call>", normalized=False)])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False)
    save(tokenizer, path, legacy_merges=True)
    first = tokenizer.token_to_id("<|endoftext|>")
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
    added = {str(first + k): {"content": token, **flags} for k, token in enumerate(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])}
    added[str(first + 1)]["rstrip"] = True
    added[str(first + 3)] = {"content": "<tool_call>", **flags, "special": False, "lstrip": True}
    added[str(first + 4)] = {"content": "</tool_call>", **flags, "special": False}
    write(path / "tokenizer_config.json", {"added_tokens_decoder": added, "bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "mask_token": "<mask>", "additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "clean_up_tokenization_spaces": True, "tokenizer_class": "Qwen2Tokenizer", "unk_token": None})
    backend = through_transformers(path)
    record("qwen2", backend, backend.get_vocab_size())


def smollm():
    """Single digits before GPT-2's pattern."""
    path = folder("smollm")
    steps = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer = train(steps, 800, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    save(tokenizer, path)
    record("smollm", tokenizer, tokenizer.get_vocab_size())


def flags():
    """Everything else at once: normalizers, a pattern without a scanner, a prefix space, bytes that no token has, and
    added tokens with every flag."""
    path = folder("flags")
    steps = pre_tokenizers.Sequence([
        pre_tokenizers.Split("-", "merged_with_next"),
        pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.Split(Regex(OWN), "isolated"),
        pre_tokenizers.Punctuation("contiguous"),
        pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False),
    ])  # fmt: skip
    forms = normalizers.Sequence([normalizers.Replace("ß", "ss"), normalizers.NFKD(), normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer = train(steps, 600, ["<unk>"], forms, alphabet=False, unk_token="<unk>", fuse_unk=True)
    tokenizer.add_tokens([
        AddedToken("[LEFT]", lstrip=True, normalized=False),
        AddedToken("[RIGHT]", rstrip=True, normalized=False),
        AddedToken("[BOTH]", lstrip=True, rstrip=True, normalized=True),
        AddedToken("word", single_word=True, normalized=False),
        AddedToken("Straße", single_word=True, normalized=True),
        AddedToken("   ", normalized=False),
        AddedToken("<é>", normalized=False),
        AddedToken("<extra>", normalized=True, special=True),
    ])  # fmt: skip
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True, normalized=False)])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=True, trim_offsets=True)
    save(tokenizer, path)
    record("flags", tokenizer, tokenizer.get_vocab_size(), own_pattern=True)


def smollm2(path):
    """The default model's vocabulary, out of its GGUF file, which the tests read from the cache of models."""
    import gguf

    fields = gguf.GGUFReader(path).fields
    value = lambda name: fields["tokenizer.ggml." + name].contents()
    tokens, types, merges = value("tokens"), value("token_type"), [tuple(line.split(" ")) for line in value("merges")]
    tokenizer = Tokenizer(models.BPE({token: k for k, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token, kind in zip(tokens, types) if kind == 3])
    record("smollm2", tokenizer, len(tokens))


if __name__ == "__main__":
    DATA.mkdir(exist_ok=True)
    stored = []
    for raw in hard_texts():
        try:
            stored.append(raw.decode("utf-8"))
        except UnicodeDecodeError:
            stored.append({"hex": raw.hex()})
    rows = ",\n".join(json.dumps(text, ensure_ascii=False) for text in stored)
    (DATA / "texts.json").write_text("[\n" + rows + "\n]\n", encoding="utf-8", newline="\n")
    for make in (gpt2, llama3, qwen2, smollm, flags):
        make()
    if len(sys.argv) > 1:
        smollm2(sys.argv[1])
