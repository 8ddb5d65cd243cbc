"""Records what Hugging Face tokenizers and the sentencepiece library make of the hard texts, for small vocabularies that
are trained here.

Versions: sentencepiece 0.2.3, tokenizers 0.23.3. Run: python tests/tokenize/sentencepiece_recipe.py
Writes data/<name>/ and data/<name>.expected.json as recipe.py does. Of a sentencepiece model ids are the library's, with
the class's tokens around them; texts in which a special token stands are null, since only transformers looks for those,
and offsets are not recorded.
"""

import io
import json
import random

import sentencepiece
from hard_texts import WRITTEN, hard_texts, long_runs, words as generated_words
from recipe import DATA, as_characters, fnv, folder, record, save, words, write
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

assert sentencepiece.__version__ == "0.2.3"


def training_texts():
    rng = random.Random(5)
    return [text for text in WRITTEN if "\0" not in text] * 3 + [generated_words(rng) for _ in range(300)]


def trained(texts=None, **options):
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line for text in texts or training_texts() for line in text.split("\n") if line.strip()),
        model_writer=out,
        minloglevel=2,
        hard_vocab_limit=False,
        num_threads=1,
        character_coverage=0.98,
        **options,
    )
    return out.getvalue()


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """The fields of a protobuf message that hold bytes: [(number, bytes)]."""
    at, found = 0, []
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 2:
            size, at = varint(data, at)
            found.append((key >> 3, data[at : at + size]))
            at += size
        elif key & 7 == 0:
            at = varint(data, at)[1]
        else:
            at += {1: 8, 5: 4}[key & 7]
    return found


def charsmap(model):
    (spec,) = [value for number, value in fields(model) if number == 3]
    return dict(fields(spec))[2]


def vocabulary(model):
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [(pieces.id_to_piece(k), pieces.get_score(k)) for k in range(pieces.get_piece_size())]


def unigram(model):
    """The stages that most converted models have, and added tokens of both stages."""
    tokenizer = Tokenizer(models.Unigram(vocabulary(model), 0, False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap(model)), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([AddedToken("<s>"), AddedToken("</s>", normalized=False), AddedToken("<mask>", lstrip=True)])
    tokenizer.add_tokens([AddedToken("word", single_word=True, normalized=True), AddedToken("[LEFT]", normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B:1 </s>:1", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    save(tokenizer, folder("unigram"))
    record("unigram", tokenizer, tokenizer.get_vocab_size())


def unigram_ties(model):
    """Scores that are equal almost everywhere, bytes of which one is missing, and the whole text as one piece."""
    flat = [(piece, float(round(score))) for piece, score in vocabulary(model) if piece != "<0xE2>"]
    tokenizer = Tokenizer(models.Unigram(flat, 0, True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    save(tokenizer, folder("unigram_ties"))
    record("unigram_ties", tokenizer, tokenizer.get_vocab_size())


def spaces_first(model):
    """Byte pair encoding with bytes and no cut but the model's own, as Llama 2 has it."""
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    ids = {pieces.id_to_piece(k): k for k in range(pieces.get_piece_size())}
    by_score = sorted((k for k in range(len(ids)) if not (pieces.is_control(k) or pieces.is_byte(k) or pieces.is_unknown(k))), key=lambda k: -pieces.get_score(k))
    merges = [(text[:cut], text[cut:]) for text in map(pieces.id_to_piece, by_score) for cut in range(1, len(text)) if text[:cut] in ids and text[cut:] in ids]
    tokenizer = Tokenizer(models.BPE(ids, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in ("<unk>", "<s>", "</s>")])
    save(tokenizer, folder("bpe_first"))
    record("bpe_first", tokenizer, len(ids))


def line(pieces, decoder, raw, before, after):
    text = as_characters(raw)[0]
    if any(pieces.id_to_piece(k) in text for k in range(pieces.get_piece_size()) if pieces.is_control(k) or pieces.is_unknown(k)):
        return None
    ids = before + pieces.encode(text) + after
    return f"{fnv(words(ids), 64)} - {fnv(chr(0).join(decoded(pieces, decoder, ids)).encode(), 32)}"


def decoded(pieces, decoder, ids):
    known = [k for k in ids if k < pieces.get_piece_size()]
    special = lambda k: pieces.is_control(k) or pieces.is_unknown(k)
    return [decoder.decode([pieces.id_to_piece(k) for k in known if not (skip and special(k))]) for skip in (False, True)]


def sentencepiece_model(name, file, config, model, decoder, before, after):
    path = folder(name)
    (path / file).write_bytes(model)
    write(path / "tokenizer_config.json", config)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    rng = random.Random(7)
    texts, decodings = hard_texts(), []
    for _ in range(150):
        ids = [rng.randrange(pieces.get_piece_size()) for _ in range(rng.randint(1, 30))]
        decodings.append([ids, *decoded(pieces, decoder, ids)])
    expected = {
        "texts": [line(pieces, decoder, raw, before, after) for raw in texts],
        "runs": {rule: line(pieces, decoder, text.encode(), before, after) for rule, text in long_runs()},
        "samples": {str(k): before + pieces.encode(as_characters(texts[k])[0]) + after for k in range(0, 40, 4)},
        "decodings": decodings,
    }
    with open(DATA / f"{name}.expected.json", "w", encoding="utf-8") as out:
        json.dump(expected, out, ensure_ascii=False, indent=0)
        out.write("\n")


if __name__ == "__main__":
    normalized = trained(vocab_size=1500, model_type="unigram", user_defined_symbols=["<sep>", "[LEFT]", "word"])
    as_it_is = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "byte_fallback": True}
    with_bytes = trained(vocab_size=1500, model_type="unigram", **as_it_is)
    merged = trained(vocab_size=1500, model_type="bpe", **as_it_is)
    unigram(normalized)
    unigram_ties(with_bytes)
    spaces_first(merged)
    llama = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t5 = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0}
    sentencepiece_model("spm_unigram", "spiece.model", t5, normalized, decoders.Metaspace(), [], [2])
    llama2 = {"tokenizer_class": "LlamaTokenizer", "legacy": True}
    sentencepiece_model("spm_bpe", "tokenizer.model", llama2, merged, llama, [1], [])
