"""Writes GGUF files without tensors that hold the small vocabularies of data/, as llama.cpp's converter writes them:
data/gguf/bert.gguf, bert_cased.gguf, llama.gguf and t5.gguf.

Versions: gguf 0.19.0, sentencepiece 0.2.3. Run: python tests/tokenize/gguf_recipe.py
"""

import json
import pathlib

import gguf
import sentencepiece
from sentencepiece_recipe import charsmap

DATA = pathlib.Path(__file__).parent / "data"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)


def writer(name, model):
    (DATA / "gguf").mkdir(exist_ok=True)
    out = gguf.GGUFWriter(DATA / "gguf" / f"{name}.gguf", "bert" if model == "bert" else "llama")
    out.add_tokenizer_model(model)
    return out


def close(out):
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.close()


def bert(name, tokens):
    """A token in brackets stays, one that continues a word loses its mark, and any other gets a space."""
    spaced = [t if t.startswith("[") and t.endswith("]") else t[2:] if t.startswith("##") else "▁" + t for t in tokens]
    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    out = writer(name, "bert")
    out.add_tokenizer_pre("default")
    out.add_token_list(spaced)
    out.add_token_types([CONTROL if token in special else NORMAL for token in tokens])
    out.add_unk_token_id(tokens.index("[UNK]"))
    out.add_sep_token_id(tokens.index("[SEP]"))
    out.add_pad_token_id(tokens.index("[PAD]"))
    out.add_bos_token_id(tokens.index("[CLS]"))
    out.add_mask_token_id(tokens.index("[MASK]"))
    close(out)


def sentencepieces(name, model):
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    kind = lambda k: (UNKNOWN if pieces.is_unknown(k) else CONTROL if pieces.is_control(k) else BYTE if pieces.is_byte(k)
                      else USER_DEFINED if pieces.id_to_piece(k) in ("<sep>", "[LEFT]", "word") else NORMAL)
    ids = range(pieces.get_piece_size())
    out = writer(name, name)
    out.add_tokenizer_pre("default")
    out.add_token_list([pieces.id_to_piece(k) for k in ids])
    out.add_token_scores([pieces.get_score(k) for k in ids])
    out.add_token_types([kind(k) for k in ids])
    out.add_unk_token_id(pieces.unk_id())
    out.add_bos_token_id(pieces.bos_id())
    out.add_eos_token_id(pieces.eos_id())
    out.add_add_space_prefix(True)
    if name == "t5":
        out.add_remove_extra_whitespaces(True)
        out.add_precompiled_charsmap(charsmap(model))
    close(out)


if __name__ == "__main__":
    bert("bert", (DATA / "uncased/vocab.txt").read_text(encoding="utf-8").split("\n")[:-1])
    cased = json.loads((DATA / "cased/tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    bert("bert_cased", sorted(cased, key=cased.get))
    sentencepieces("llama", (DATA / "spm_bpe/tokenizer.model").read_bytes())
    sentencepieces("t5", (DATA / "spm_unigram/spiece.model").read_bytes())
