"""Tiny models that score texts, and the scores that transformers gives. Run: python recipe.py

masked: pseudo-log-likelihood, each token of a text masked in turn (https://arxiv.org/abs/1910.14659, section 2)
pairs: log p(target | source) of an encoder-decoder, token by token
cross: a cross-encoder, one logit for query and text together
"""

import shutil
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (BertForMaskedLM, BertForSequenceClassification, PreTrainedTokenizerFast, T5Config,
                          T5ForConditionalGeneration)

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import tiny_bert  # noqa: E402
from tiny_bert import common, write_json  # noqa: E402

TEXTS = ["the blue door is open", "x", "", "A red key opens it, who lives in this old house?", "世界 — door"]
QUERY = "who opens the door?"
PAIRS = [("the door is open", "a red key"), ("x", "the blue door is open the blue door"), ("old house", "")]


def fresh(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def masked():
    folder, model = fresh("masked"), tiny_bert.make_model(BertForMaskedLM, 11)
    tiny_bert.save(model, folder)
    tokenizer, scores = tiny_bert.make_tokenizer(), []
    for text in TEXTS:
        ids = tokenizer(text)["input_ids"]
        copies = torch.tensor([ids] * (len(ids) - 2)).reshape(len(ids) - 2, len(ids))
        for row in range(len(copies)):
            copies[row, row + 1] = tokenizer.mask_token_id
        values = []
        for row, copy in enumerate(copies):
            logits = model(copy[None]).logits[0, row + 1].double()
            values.append(logits.log_softmax(0)[ids[row + 1]].item())
        scores.append({"ids": ids[1:-1], "log_probabilities": values})
    write_json(folder / "scores.json", {"texts": TEXTS, "scores": scores})


def cross():
    folder, model = fresh("cross"), tiny_bert.make_model(BertForSequenceClassification, 12, num_labels=1)
    tiny_bert.save(model, folder)
    tokenizer = tiny_bert.make_tokenizer()
    texts = [*TEXTS, "old house " * 40]  # longer than the model's 48 tokens
    logits = []
    for text in texts:
        batch = tokenizer([QUERY], [text], truncation="longest_first", max_length=48, return_tensors="pt",
                          return_token_type_ids=True)
        logits.append(model(**batch).logits[0, 0].item())
    common.check(max(logits) - min(logits) > 0.1, "texts score the same")
    write_json(folder / "scores.json", {"query": QUERY, "texts": texts, "logits": logits})


def t5_tokenizer():
    vocabulary = ["<pad>", "</s>", "<unk>", *"the blue door is open a red key opens it old house x".split()]
    tokenizer = Tokenizer(models.WordLevel({token: id for id, token in enumerate(vocabulary)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")


def pairs():
    folder, tokenizer = fresh("pairs"), t5_tokenizer()
    model = T5ForConditionalGeneration(T5Config(
        vocab_size=len(tokenizer), d_model=20, d_kv=5, d_ff=28, num_layers=2, num_decoder_layers=2, num_heads=4,
        decoder_start_token_id=0, attn_implementation="eager")).eval()
    common.redraw(model, 13)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    scores = []
    for source, target in PAIRS:
        labels = tokenizer(target, return_tensors="pt")["input_ids"]
        logits = model(input_ids=tokenizer(source, return_tensors="pt")["input_ids"], labels=labels).logits[0].double()
        values = logits.log_softmax(-1).gather(1, labels[0][:, None])[:, 0]
        scores.append({"ids": labels[0].tolist(), "log_probabilities": values.tolist()})
    write_json(folder / "scores.json", {"pairs": PAIRS, "scores": scores})


if __name__ == "__main__":
    masked()
    cross()
    pairs()
