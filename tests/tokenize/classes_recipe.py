"""Records what transformers' tokenizer of each class makes of a folder that has a sentencepiece model alone.

Versions: transformers 5.23.0, tokenizers 0.23.3, sentencepiece 0.2.3; and protobuf, with which transformers reads models.
Run: python tests/tokenize/classes_recipe.py
Writes data/classes/<class>/ (models of about 300 pieces that are trained here) and data/classes/expected.json: "texts",
"pairs", and "classes", which has by class
  "config"        of a variant: its tokenizer_config.json, in the folder of its class; the rest of it is fewer texts
  "named"         {name of a token: id}
  "special"       ids of all special tokens
  "tokens"        {id: token}, some of every kind
  "texts"         [ids, decoded, decoded without special tokens] for each text
  "places"        [offsets in characters, words] of the tokens of each text, -1 for the word of a token of the template; null where
                  transformers has other ids or does not know
  "pairs"         [ids, type ids] for each pair; null for types where no model of the class reads them
  "languages"     {code: id}, as transformers has it in forced_bos_token_id
  "translations"  [source, target, ids of "Hello world." in the source language]
  "departures"    {index of a text: ids of transformers} where those are not what the library itself makes of the text; there
                  "texts" has the library's

transformers 5.23.0 leaves out things that checkpoints and its older versions have, and is told of them here:
  NllbTokenizer loses its languages when it reads a .model; it gets the vocabulary of its converter, then the languages, then
                <mask>
  CamembertTokenizer loses <s>NOTUSED and its like as special tokens; it gets the vocabulary of its converter
  LlamaTokenizer and GemmaTokenizer put no bos_token first unless tokenizer_config.json says so
  GemmaTokenizer takes every piece that a user defined for special, runs of spaces too; the older converter has only the turns'
  XLNetTokenizer and BigBirdTokenizer lose that the space before the mask is part of it; where it stands, "places" is null
"""

import json
import os
import pathlib
import re
import shutil
import tempfile

import sentencepiece
import transformers
from hard_texts import WRITTEN
from recipe import DATA, folder, write
from sentencepiece_recipe import trained
from transformers.convert_slow_tokenizer import CamembertConverter, NllbConverter, SentencePieceExtractor
from transformers.models.m2m_100 import tokenization_m2m_100
from transformers.models.mbart import tokenization_mbart
from transformers.models.mbart50 import tokenization_mbart50
from transformers.models.nllb import tokenization_nllb

assert (transformers.__version__, sentencepiece.__version__) == ("5.23.0", "0.2.3")

# What the default table of the library does to a few characters; the table itself has 240 kB.
RULES = {
    "\t": " ", "\n": " ", "\r": " ", "\u00a0": " ", "\u2003": " ", "\u3000": " ", "\u200b": " ", "\u00ad": "", "\ufeff": "",
    "ﬁ": "fi", "…": "...", "½": "1⁄2", "²": "2", "！": "!", "，": ",", "ａ": "a", "Ⅳ": "IV", "e\u0301": "é", "㎏": "kg",
}  # fmt: skip

TEXTS = [
    "", " ", "   ", "\n", "Hello world.", " Hello world. ", "  Hello   world.  ", "a", "a b", "a  b\t\tc\n\nd",
    "The quick brown fox jumps over the lazy dog.", "Don’t “quote” me — it’s 3.14159… or 1,234,567.89 €?",
    "I'm sure they'll say we've been here; don't you?", "Übergrößenträger fahren öfter über Straßen. ÄÖÜẞ",
    "L’été dernier, où étiez-vous ?", "¿Dónde está el niño? ¡Qué sorpresa!", "Zażółć gęślą jaźń.",
    "İstanbul'da ılık bir gün; IĞDIR", "Съешь же ещё этих мягких булок", "Ο Οδυσσέας, ΟΔΥΣΣΕΥΣ.",
    "欢迎来到元宇宙!您有什么问题吗?", "いろはにほへと ちりぬるを。", "다람쥐 헌 쳇바퀴에 타고파.", "نص حكيم له سر قاطع",
    "שָׁלוֹם עֲלֵיכֶם", "ऋषियों को सताने वाले", "เป็นมนุษย์สุดประเสริฐ", "👩‍👩‍👧‍👦 family, 👍🏽 thumbs",
    "H₂O, x² + y², ½, Ⅳ, ㎏", "ﬁne ｆｕｌｌ ａ！ ，", "e\u0301 é e\u0323\u0302", "``quoted'' and ''twice``", "'' `` ''' ```",
    "1 12 123 1,234 2,000, 9, 10,", "CamelCase snake_case kebab-case", "...!!!???---", "zero\u200bwidth \u00adsoft\ufeff",
    "spaces:\u00a0\u2003\u3000end", "x\u0000y \u0001z", "\U0010ffff \ue000", "▁", "▁a ▁▁b", "word▁word", "MiXeD CaSe",
    "<s>", "</s>", "<unk>", "<pad> a", "a <mask> b", "a<mask>b", "The [MASK] is [CLS] or [SEP].", "<s> a </s> b <unk> c",
    "x <sep> y <cls> <eop><eod>", "<extra_id_0> fills <extra_id_99>.", "<mask_1> and <mask_2> <unk_2><unk_102>",
    "<bos>a<eos>", "<start_of_turn>user\nHi<end_of_turn>\n", "en_XX Hello ro_RO", "Hello eng_Latn fra_Latn.",
    "__en__ Hello __fr__", ">>fra<< Hello world.", ">>fra<<Hello >>deu<< world", ">>xyz<< Hello", "<s>NOTUSED <unk>NOTUSED",
    "<0x41> bytes", "madeupword0 madeupword7", "[gMASK] <|endoftext|>",
    "日本語 と  English\tfox", " a ▁b  ▁ c", "fine…  ½ of e\u0301 and…", "a </s>  b<unk> c",
]  # fmt: skip
PAIRS = [
    ("Who?", "Me."), ("", ""), ("a", ""), ("", "b"), (" How many? ", "  Ten thousand.  "), ("<mask> it", "or </s> not"),
    ("Where is the fox?", "The quick brown fox jumps over the lazy dog."), ("欢迎", "Съешь же"),
]  # fmt: skip

UNIGRAM = {"vocab_size": 300, "model_type": "unigram"}
BYTES = {"vocab_size": 560, "model_type": "bpe", "byte_fallback": True, "remove_extra_whitespaces": False}
MODELS = {
    "fairseq": UNIGRAM,
    "fairseq_bpe": {"vocab_size": 400, "model_type": "bpe"},
    "padded": UNIGRAM | {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1},
    "albert": UNIGRAM | {"pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1, "control_symbols": ["[CLS]", "[SEP]", "[MASK]"]},
    "xlnet": UNIGRAM | {"control_symbols": ["<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>"]},
    "big_bird": UNIGRAM | {"control_symbols": ["<pad>", "[CLS]", "[SEP]", "[MASK]"]},
    "llama": BYTES,
    "gemma": BYTES
    | {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3, "pad_piece": "<pad>", "eos_piece": "<eos>", "bos_piece": "<bos>", "add_dummy_prefix": False}
    | {"user_defined_symbols": ["<mask>", "<start_of_turn>", "<end_of_turn>", "▁▁", "▁▁▁"]},
}
CLASSES = {
    "XLMRobertaTokenizer": ("fairseq", "sentencepiece.bpe.model", {}),
    "MBartTokenizer": ("fairseq", "sentencepiece.bpe.model", {}),
    "MBart50Tokenizer": ("fairseq", "sentencepiece.bpe.model", {}),
    "NllbTokenizer": ("fairseq_bpe", "sentencepiece.bpe.model", {}),
    "M2M100Tokenizer": ("fairseq", "sentencepiece.bpe.model", {}),
    "MarianTokenizer": ("fairseq", "source.spm", {}),
    "AlbertTokenizer": ("albert", "spiece.model", {}),
    "XLNetTokenizer": ("xlnet", "spiece.model", {}),
    "CamembertTokenizer": ("fairseq", "sentencepiece.bpe.model", {}),
    "BigBirdTokenizer": ("big_bird", "spiece.model", {}),
    "PegasusTokenizer": ("padded", "spiece.model", {}),
    "T5Tokenizer": ("padded", "spiece.model", {}),
    "LlamaTokenizer": ("llama", "tokenizer.model", {"add_bos_token": True}),
    "GemmaTokenizer": ("gemma", "tokenizer.model", {"add_bos_token": True}),
}
# Further configurations of a class's folder; of these every fourth text is recorded.
VARIANTS = {
    "AlbertTokenizer_keeps_accents": {"keep_accents": True, "do_lower_case": False},
    "XLNetTokenizer_lower_case": {"keep_accents": True, "do_lower_case": True},
    "T5Tokenizer_ten_extra_ids": {"extra_ids": 10},
    "PegasusTokenizer_offset": {"offset": 5},
    "NllbTokenizer_legacy": {"legacy_behaviour": True, "src_lang": "fra_Latn"},
    "MBartTokenizer_from_romanian": {"src_lang": "ro_RO"},
    "MBart50Tokenizer_from_french": {"src_lang": "fr_XX"},
    "M2M100Tokenizer_wmt21": {"language_codes": "wmt21", "num_madeup_words": 2, "src_lang": "de"}
    | {"additional_special_tokens": [f"__{code}__" for code in tokenization_m2m_100.FAIRSEQ_LANGUAGE_CODES["wmt21"]]},
    "LlamaTokenizer_no_prefix": {"add_bos_token": True, "add_eos_token": True, "add_prefix_space": False},
    "LlamaTokenizer_legacy": {"add_bos_token": False, "legacy": True},
    "GemmaTokenizer_end": {"add_bos_token": True, "add_eos_token": True},
}

# Those that run the library themselves, and one that was never meant to follow it (where it is not "legacy").
OWN_WAY = ("M2M100Tokenizer", "MarianTokenizer", "LlamaTokenizer")
LANGUAGES = {
    "MBartTokenizer": tokenization_mbart.FAIRSEQ_LANGUAGE_CODES,
    "MBart50Tokenizer": tokenization_mbart50.FAIRSEQ_LANGUAGE_CODES,
    "NllbTokenizer": tokenization_nllb.FAIRSEQ_LANGUAGE_CODES,
    "M2M100Tokenizer": tokenization_m2m_100.FAIRSEQ_LANGUAGE_CODES["m2m100"],
}


def train(options):
    with tempfile.TemporaryDirectory() as path:
        rules = os.path.join(path, "rules.tsv")
        rows = [" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) for source, target in RULES.items()]
        with open(rules, "w", encoding="utf-8") as out:
            out.write("\n".join(rows) + "\n")
        here = os.getcwd()
        os.chdir(path)  # the trainer writes the name of the file into the model
        try:
            plain = {"normalization_rule_name": "identity"} if options["model_type"] == "bpe" and "byte_fallback" in options else {"normalization_rule_tsv": "rules.tsv"}
            return trained([text for text in WRITTEN if text.isascii() or text[0] in "ÜL¿Съ欢"] * 3, **options, **plain)
        finally:
            os.chdir(here)


def build(name, models):
    kind, file, config = CLASSES[name]
    path = folder(f"classes/{name}")
    (path / file).write_bytes(models[kind])
    if name == "M2M100Tokenizer":  # as facebook/m2m100_418M has it in special_tokens_map.json
        config = {"additional_special_tokens": [f"__{code}__" for code in LANGUAGES[name]]}
    write(path / "tokenizer_config.json", {"tokenizer_class": name, **config})
    pieces = sentencepiece.SentencePieceProcessor(model_proto=models[kind])
    texts = [pieces.id_to_piece(k) for k in range(3, pieces.get_piece_size())]
    if name == "M2M100Tokenizer":
        tokens = ["<s>", "<pad>", "</s>", "<unk>", *texts[:-5], "▁zzz"]  # some pieces have no id, and one id no piece
        write(path / "vocab.json", {token: k for k, token in enumerate(tokens)})
    if name == "MarianTokenizer":
        (path / "target.spm").write_bytes(models[kind])
        tokens = ["</s>", "<unk>", ">>fra<<", ">>deu<<", *reversed(texts[:-5]), "▁zzz", "<pad>"]
        write(path / "vocab.json", {token: k for k, token in enumerate(tokens)})
    return path


def load(name, path, config):
    tokenizer_class = getattr(transformers, name)
    if name not in ("NllbTokenizer", "CamembertTokenizer"):
        return tokenizer_class.from_pretrained(path)
    extracted = SentencePieceExtractor(str(path / CLASSES[name][1])).extract(tokenizer_class.model)
    charsmap = extracted["_spm_precompiled_charsmap"]
    if name == "CamembertTokenizer":
        vocabulary = CamembertConverter.convert_from_spm(extracted["vocab"])["vocab"]
        return tokenizer_class(vocab=vocabulary, _spm_precompiled_charsmap=charsmap)
    tokens = list(NllbConverter.convert_from_spm(extracted["vocab"])["vocab"]) + LANGUAGES[name] + ["<mask>"]
    vocabulary = {token: k for k, token in enumerate(tokens)}
    return tokenizer_class(vocab=vocabulary, merges=extracted["merges"], _spm_precompiled_charsmap=charsmap, **config)


def library_ids(tokenizer, pieces, text):
    """What the library makes of the stretches between special tokens, in the class's numbers."""
    special = {str(token): token for token in tokenizer.added_tokens_decoder.values() if not str(token).startswith("▁")}
    stretches = re.split("(" + "|".join(re.escape(token) for token in sorted(special, key=len, reverse=True)) + ")", text)
    ids = []
    for k, stretch in enumerate(stretches):
        if k % 2:
            ids.append(tokenizer.convert_tokens_to_ids(stretch))
            continue
        if k + 1 < len(stretches) and special[stretches[k + 1]].lstrip:
            stretch = stretch.rstrip()
        if type(tokenizer).__name__ in ("AlbertTokenizer", "XLNetTokenizer"):
            for step in list(tokenizer.backend_tokenizer.normalizer)[:-1]:
                stretch = step.normalize_str(stretch)
        for piece in pieces.encode(stretch):
            ids.append(tokenizer.unk_token_id if pieces.is_unknown(piece) else tokenizer.convert_tokens_to_ids(pieces.id_to_piece(piece)))
    return ids


def replaced(ids, types, plain, library, begin):
    """Ids and types with what the library made of a text in place of the plain ids, and where that ends."""
    start = next(at for at in range(begin, len(ids) + 1) if ids[at : at + len(plain)] == plain)
    end = start + len(plain)
    return ids[:start] + library + ids[end:], types[:start] + types[start : start + 1] * len(library) + types[end:], start + len(library)


def places(encoding, tokens):
    """Where tokens lie; nothing where one is a run of spaces that transformers takes for a special token."""
    if any(token.startswith("▁▁") for token in tokens):
        return None
    return [encoding.offsets, [-1 if word is None else word for word in encoding.word_ids]]


def record(name, path, config={}, stride=1):
    tokenizer = load(name, path, config)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(path / CLASSES[name][1]))
    special = sorted({k for k in tokenizer.all_special_ids if not tokenizer.convert_ids_to_tokens(k).startswith("▁")})
    own_way = name in OWN_WAY and not config.get("legacy")

    def plain_and_library(text):
        plain = tokenizer(text, add_special_tokens=False)["input_ids"]
        return plain, plain if own_way else library_ids(tokenizer, pieces, text)

    texts, departures, lying = [], {}, []
    for k, text in list(enumerate(TEXTS))[::stride]:
        encoded = tokenizer(text)
        found = encoded["input_ids"]
        ids = replaced(found, found, *plain_and_library(text), 0)[0]
        if ids != found:
            departures[k] = found
        loses_space = name in ("XLNetTokenizer", "BigBirdTokenizer") and tokenizer.mask_token in text
        knows = ids == found and encoded.encodings is not None and not loses_space
        lying.append(places(encoded.encodings[0], encoded.tokens()) if knows else None)
        kept = [k for k in ids if k not in special] if name == "GemmaTokenizer" else ids
        texts.append([ids, tokenizer.decode(ids), tokenizer.decode(kept, skip_special_tokens=name != "GemmaTokenizer")])
    pairs = []
    for pair in PAIRS:
        found = tokenizer(*([text] for text in pair), return_token_type_ids=True)  # in lists: an empty text is one, too
        ids, types, end = found["input_ids"][0], found["token_type_ids"][0], 0
        for text in pair:
            ids, types, end = replaced(ids, types, *plain_and_library(text), end)
        pairs.append([ids, None if name in ("M2M100Tokenizer", "MarianTokenizer") else types])
    last = max(*tokenizer.all_special_ids, len(tokenizer) - 1)
    expected = {
        "named": {key: tokenizer.convert_tokens_to_ids(token) for key, token in tokenizer.special_tokens_map.items() if isinstance(token, str)},
        "special": special,
        "tokens": {str(k): tokenizer.convert_ids_to_tokens(k) for k in [*range(12), *range(12, last, 17), *range(last - 6, last + 1)]},
        "texts": texts,
        "places": lying,
        "pairs": pairs,
        "languages": {},
        "translations": [],
        "departures": departures,
    }
    if name == "MarianTokenizer":
        expected["languages"] = {code[2:-2]: tokenizer.convert_tokens_to_ids(code) for code in tokenizer.supported_language_codes}
    languages = [] if config else LANGUAGES.get(name, [])
    for code in languages:
        inputs = tokenizer._build_translation_inputs("Hello world.", return_tensors=None, src_lang=languages[-1], tgt_lang=code)
        expected["languages"][code] = inputs["forced_bos_token_id"]
    for source in languages[::12]:
        target = languages[-1]
        inputs = tokenizer._build_translation_inputs("Hello world.", return_tensors=None, src_lang=source, tgt_lang=target)
        expected["translations"].append([source, target, inputs["input_ids"]])
    return expected


def lines(value, depth):
    """JSON with one line for each value at a depth."""
    if depth == 0 or not isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, dict):
        return "{\n" + ",\n".join(json.dumps(str(key)) + ":" + lines(item, depth - 1) for key, item in value.items()) + "\n}"
    return "[\n" + ",\n".join(lines(item, depth - 1) for item in value) + "\n]"


if __name__ == "__main__":
    models = {kind: train(options) for kind, options in MODELS.items()}
    classes = {}
    for name in CLASSES:
        classes[name] = record(name, build(name, models))
    for variant, config in VARIANTS.items():
        name = variant.split("_")[0]
        with tempfile.TemporaryDirectory() as folder_of_variant:
            path = pathlib.Path(folder_of_variant)
            shutil.copytree(DATA / "classes" / name, path, dirs_exist_ok=True)
            write(path / "tokenizer_config.json", {"tokenizer_class": name, **config})
            found = record(name, path, config, 4)
        kept = ("named", "texts", "places", "pairs", "departures")
        classes[variant] = {"config": {"tokenizer_class": name, **config}} | {key: found[key] for key in kept}
    for name in classes:
        print(name, len(classes[name]["texts"]), "texts,", len(classes[name]["departures"]), "departures:", *(TEXTS[int(k)].__repr__() for k in classes[name]["departures"]))
    expected = {"texts": TEXTS, "pairs": PAIRS, "classes": classes}
    (DATA / "classes/expected.json").write_text(lines(expected, 4) + "\n", encoding="utf-8")
