"""Records what Hugging Face makes of the hard texts for WordPiece, WordLevel, and the stages that recipe.py does not have.

Versions: tokenizers 0.23.3, transformers 5.23.0. Run after recipe.py: python tests/tokenize/components_recipe.py

Writes beside itself:
  data/<name>/               a folder as the library loads it
  data/<name>.expected.json  "texts": for each text one hash of its ids, offsets, type ids, words and decodings, null where a
                             pattern's meaning depends on the Unicode version; "decodings": random ids, and what they mean;
                             "windows": pairs of texts with options of truncation, and a hash of the windows, or "error"
The hashes are FNV-1a with 64 bits over little-endian 32-bit words, or over bytes where it is text.
"""

import json
import random

import transformers
from hard_texts import WRITTEN, hard_texts
from recipe import DATA, as_characters, fnv, folder, has_new_letters, save, words, write
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def columns(encoding, begins, types=None):
    """ids, offsets in bytes, type ids, texts and words, as one list of numbers; -1 is written as 2^32 - 1. `types` are
    those of the texts, where the template's do not reach: in windows after the first the reference forgets them."""
    texts = [-1 if s is None else s for s in encoding.sequence_ids]
    type_ids = [types[s] if types and s >= 0 else t for s, t in zip(texts, encoding.type_ids)]
    offsets = [begins[s][place] if s >= 0 else 0 for s, pair in zip(texts, encoding.offsets) for place in pair]
    found = [-1 if word is None else word for word in encoding.word_ids]
    return [value % 2**32 for value in [*encoding.ids, *offsets, *type_ids, *texts, *found]]


def text_hash(tokenizer, raw):
    text, begins = as_characters(raw)
    encoding = tokenizer.encode(text)
    decoded = "\0".join(tokenizer.decode(encoding.ids, skip_special_tokens=skip) for skip in (False, True))
    return fnv(words(columns(encoding, [begins])) + decoded.encode(), 64)


def window_case(tokenizer, texts, rng):
    pair = [rng.randrange(len(texts)), rng.choice([None, rng.randrange(len(texts))])]
    strategy = rng.choice(["longest_first", "only_first", "only_second"])
    return {
        "texts": pair,
        "max_length": rng.randint(1, 40),
        "stride": rng.choice([0, 0, 1, 3, 8]),
        "strategy": strategy,
        "side": rng.choice(["right", "right", "left"]),
        "special": rng.random() < 0.8,
    }


def window_hash(tokenizer, texts, case):
    given = [as_characters(texts[k]) for k in case["texts"] if k is not None]
    around = tokenizer.num_special_tokens_to_add(len(given) == 2) if case["special"] else 0
    room = case["max_length"] - around
    if room < 1 or (case["strategy"] == "only_second" and len(given) == 1):
        return "error"  # the reference panics, or cuts nothing
    whole = tokenizer.encode(*(text for text, _ in given), add_special_tokens=case["special"])
    begins = [begin for _, begin in given]
    if len(whole) <= case["max_length"]:  # nothing to cut, whatever the stride
        return fnv(words([len(whole), *columns(whole, begins)]), 64)
    types = dict(zip(whole.sequence_ids, whole.type_ids))
    try:
        tokenizer.enable_truncation(
            case["max_length"], stride=case["stride"], strategy=case["strategy"], direction=case["side"]
        )
        encoding = tokenizer.encode(*(text for text, _ in given), add_special_tokens=case["special"])
    except BaseException as error:  # panics too
        assert "runcation error" in str(error) or "stride" in str(error), error
        return "error"
    finally:
        tokenizer.no_truncation()
    windows = [encoding, *encoding.overflowing]
    if any(len(window) > case["max_length"] for window in windows):
        return "error"  # no room for one of the texts: the reference puts all of it into one window
    return fnv(words(value for window in windows for value in [len(window), *columns(window, begins, types)]), 64)


def record(name, tokenizer, own_pattern=False, windows=0):
    tokenizer.no_truncation()
    texts, rng = hard_texts(), random.Random(11)
    size = tokenizer.get_vocab_size()
    decodings = []
    for _ in range(80):
        ids = [rng.randrange(size + 2) for _ in range(rng.randint(1, 20))]
        decodings.append([ids, tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)])
    cases = [window_case(tokenizer, texts, rng) for _ in range(windows)]
    expected = {
        "texts": [None if own_pattern and has_new_letters(raw) else text_hash(tokenizer, raw) for raw in texts],
        "decodings": decodings,
        "windows": [[case, window_hash(tokenizer, texts, case)] for case in cases],
    }
    rows = lambda items: ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items)
    parts = [f'"{key}": [\n{rows(value)}\n]' for key, value in expected.items()]
    (DATA / f"{name}.expected.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")


def word_piece(size, **options):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**options)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=BERT_TOKENS, show_progress=False)
    tokenizer.train_from_iterator(WRITTEN * 2, trainer)
    return tokenizer


def write_vocabulary(tokenizer, path):
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (path / "vocab.txt").write_text("".join(token + "\n" for token, _ in vocabulary), encoding="utf-8", newline="\n")


def uncased():
    """vocab.txt with the class that tokenizer_config.json names."""
    path = folder("uncased")
    write_vocabulary(word_piece(1400), path)
    write(path / "tokenizer_config.json", {"do_lower_case": True, "never_split": None, "tokenizer_class": "DistilBertTokenizerFast"})
    record("uncased", transformers.DistilBertTokenizer.from_pretrained(path).backend_tokenizer, windows=250)


def cased():
    """tokenizer.json with the older post-processor, and a decoder that leaves spaces."""
    path = folder("cased")
    tokenizer = word_piece(1400, lowercase=False)
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    save(tokenizer, path)
    record("cased", tokenizer, windows=100)


def chinese():
    """vocab.txt, and a class only by the model's type; a line that comes twice, and accents that stay."""
    path = folder("chinese")
    tokenizer = word_piece(1500, strip_accents=False)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    lines = [token for token, _ in vocabulary]
    lines[7] = lines[40]  # the later one counts, and 7 has no token
    (path / "vocab.txt").write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
    write(path / "config.json", {"model_type": "bert"})
    write(path / "tokenizer_config.json", {"strip_accents": False, "tokenize_chinese_chars": True})
    record("chinese", transformers.BertTokenizer.from_pretrained(path).backend_tokenizer)


def roberta():
    """vocab.json and merges.txt, and a class only by the model's type."""
    path = folder("roberta")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))  # fmt: skip
    tokenizer.train_from_iterator(WRITTEN * 2, trainer)
    write(path / "vocab.json", dict(sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])))
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    (path / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in merges))
    write(path / "config.json", {"model_type": "roberta"})
    write(path / "tokenizer_config.json", {"add_prefix_space": True})
    record("roberta", transformers.RobertaTokenizer.from_pretrained(path).backend_tokenizer, windows=250)


def suffix():
    """Bytes, and a mark at the end of a word: as CLIP has it."""
    path = folder("suffix")
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CLIP), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=["<|startoftext|>", "<|endoftext|>"], show_progress=False,
                                  end_of_word_suffix="</w>", initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))  # fmt: skip
    tokenizer.train_from_iterator(WRITTEN * 2, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0), False, False)
    save(tokenizer, path)
    record("suffix", tokenizer, own_pattern=True)


def prefix():
    """Characters, with marks on both sides of a word, and unknown ones joined."""
    path = folder("prefix")
    marks = {"continuing_subword_prefix": "@@", "end_of_word_suffix": "</w>"}
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, **marks))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.Sequence([decoders.Replace("@@", ""), decoders.BPEDecoder()])
    trainer = trainers.BpeTrainer(vocab_size=1500, special_tokens=["<unk>"], show_progress=False, limit_alphabet=400, **marks)
    tokenizer.train_from_iterator(WRITTEN * 2, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<b> $A <e>:3", pair="<b> $B:2 <e> $A:1", special_tokens=[
            {"id": "<b>", "ids": [5, 6], "tokens": ["five", "six"]}, {"id": "<e>", "ids": [0], "tokens": ["<unk>"]}],
    )  # fmt: skip
    save(tokenizer, path)
    record("prefix", tokenizer, windows=100)


def level():
    """Whole words, by every rule that cuts by characters; no decoder."""
    path = folder("level")
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.Strip(left=True, right=True), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.CharDelimiterSplit("-"), pre_tokenizers.UnicodeScripts(),
        pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.FixedLength(6),
    ])  # fmt: skip
    trainer = trainers.WordLevelTrainer(vocab_size=900, special_tokens=["<unk>", "<s>"], show_progress=False)
    tokenizer.train_from_iterator(WRITTEN * 2, trainer)
    tokenizer.add_tokens([AddedToken("Straße", single_word=True, normalized=True), AddedToken("[BOTH]", lstrip=True, rstrip=True)])
    save(tokenizer, path)
    record("level", tokenizer)


def spelled():
    """Byte-level characters from the normalizer, pieces cut after them, one side stripped, and a chain of decoders."""
    path = folder("spelled")
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Strip(left=False, right=True), normalizers.Prepend("_"), normalizers.ByteLevel(),
    ])  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split("Ġ", "merged_with_next"), pre_tokenizers.FixedLength(30),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False), pre_tokenizers.Split("Ä", "isolated"),
    ])  # fmt: skip
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("Ċ", "Ġ"), decoders.Strip("Ã", 1, 0), decoders.Fuse(), decoders.Strip("Ġ", 2, 0), decoders.CTC("qu", "z"),
    ])  # fmt: skip
    trainer = trainers.BpeTrainer(vocab_size=800, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator(WRITTEN * 2, trainer)
    save(tokenizer, path)
    record("spelled", tokenizer)


if __name__ == "__main__":
    for make in (uncased, cased, chinese, roberta, suffix, prefix, level, spelled):
        make()
