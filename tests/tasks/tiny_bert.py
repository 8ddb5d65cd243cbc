"""A random BERT of a few kilobytes with a WordPiece tokenizer, for recipes: a folder as the hub has them."""

import json
import string
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, PreTrainedTokenizerFast

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "golden"))
import common  # noqa: E402

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "the blue door is open a red key opens it who lives in this old house ##s ##ed ##ing".split()
VOCABULARY = SPECIAL + list(string.ascii_lowercase) + ["##" + c for c in string.ascii_lowercase] + [
    word for word in WORDS if len(word) > 1 and not (word.startswith("##") and len(word) == 3)
] + list(".,:?!'")


def make_tokenizer():
    """As BertTokenizerFast makes it: lower case, words, pieces, [CLS] text [SEP]."""
    tokenizer = Tokenizer(models.WordPiece({token: id for id, token in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=48,
    )


def make_model(model_class, seed, **config):
    """Every parameter drawn anew, so that no mechanism hides behind a zero or a one."""
    model = model_class(BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=20, num_hidden_layers=2, num_attention_heads=4, intermediate_size=28,
        max_position_embeddings=48, type_vocab_size=2, attn_implementation="eager", **config,
    )).eval()
    common.redraw(model, seed)
    return model


def save(model, folder):
    """The model as transformers saves it, and its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
