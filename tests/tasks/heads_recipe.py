"""Tiny random encoders with their tokenizers, and what transformers' pipelines make of texts with them.

Run: python tests/tasks/heads_recipe.py [model ...], with the versions of tests/golden/requirements.txt and
sentencepiece 0.2.3.

Each folder below data/ is a model as the library loads it, and recorded.json: lists of calls by the name of the task,
each with its texts, its options, and the result. What answers questions is recorded by answer_recipe.py.
"""

import collections
import io
import json
import re
import sys
import warnings
from pathlib import Path

import sentencepiece
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))
sys.path.insert(0, str(HERE))
import common  # noqa: E402
from heads_texts import LONG, PAIRS, QUESTIONS, TEXTS, TRAINING  # noqa: E402

DATA = HERE / "data"
CONTEXT = 64
ENTITIES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "MISC"]


# ---- tokenizers ------------------------------------------------------------------------------------------------------


def word_piece_vocabulary(size):
    """Characters, then the most frequent words and ends of words: a trainer's own ties fall differently each time."""
    words = collections.Counter(re.findall(r"\w+|[^\w\s]", " ".join(TRAINING).lower()))
    ends = collections.Counter()
    for word, count in words.items():
        for length in range(2, min(len(word), 6)):
            ends[f"##{word[-length:]}"] += count
    characters = sorted({character for word in words for character in word})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{character}" for character in characters)]
    for piece, _ in sorted((words + ends).items(), key=lambda item: (-item[1], item[0])):
        if len(pieces) < size and piece not in pieces:
            pieces.append(piece)
    return {piece: k for k, piece in enumerate(pieces)}


def word_pieces(folder=None, size=230):
    tokenizer = Tokenizer(models.WordPiece(word_piece_vocabulary(size), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    names = {"unk": "[UNK]", "pad": "[PAD]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    return with_names(tokenizer, names, ["input_ids", "token_type_ids", "attention_mask"])


def byte_pairs(folder=None, size=330):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(TRAINING, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    names = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "<pad>", "cls": "<s>", "sep": "</s>", "mask": "<mask>"}
    return with_names(tokenizer, names, ["input_ids", "attention_mask"])


def sentence_pieces(folder):
    """XLNet's, out of spiece.model alone. Its texts have no end."""
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TRAINING), model_writer=trained, vocab_size=140, character_coverage=1.0, num_threads=1,
        minloglevel=2, normalization_rule_name="identity",
        control_symbols=["<cls>", "<sep>", "<pad>", "<mask>", "<eop>", "<eod>"])  # fmt: skip
    (folder / "spiece.model").write_bytes(trained.getvalue())
    # Version 5 gives token types only where they are asked for; version 4 gave them, and XLNet was trained with them.
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    common.save_json(folder / "tokenizer_config.json",
                     {"tokenizer_class": "XLNetTokenizer", "model_input_names": inputs})  # fmt: skip
    return transformers.XLNetTokenizer.from_pretrained(folder)


def with_names(tokenizer, names, inputs):
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=CONTEXT,
        model_input_names=inputs,
        **{f"{name}_token": token for name, token in names.items()},
    )


# ---- models ----------------------------------------------------------------------------------------------------------


SIZES = {
    "hidden_size": 20,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
    "intermediate_size": 28,
    "layer_norm_eps": 1e-5,
}
BERT = SIZES | {"max_position_embeddings": CONTEXT, "type_vocab_size": 2}
# RoBERTa's positions begin behind that of the padding token.
ROBERTA = SIZES | {"max_position_embeddings": CONTEXT + 2, "type_vocab_size": 1, "pad_token_id": 1}
XLNET = {"d_model": 20, "n_head": 4, "n_layer": 2, "d_inner": 28}
FAMILIES = {"Bert": BERT, "Robe": ROBERTA, "XLNe": XLNET}


def named(labels):
    return {"id2label": dict(enumerate(labels)), "label2id": {label: k for k, label in enumerate(labels)}}


# name -> class, config, tokenizer, seed, factor of the head's numbers, which would be nearly certain or even else
MODELS = {
    "bert_classify": ("BertForSequenceClassification", named(["bad", "good", "so so", "schön"]), word_pieces, 1),
    "roberta_score": ("RobertaForSequenceClassification", named(["toxic"]), byte_pairs, 2),
    "bert_tag": ("BertForTokenClassification", named(ENTITIES), word_pieces, 3),
    "roberta_tag": ("RobertaForTokenClassification", named(ENTITIES), byte_pairs, 4),
    "bert_answer": ("BertForQuestionAnswering", {}, word_pieces, 5),
    "roberta_answer": ("RobertaForQuestionAnswering", {}, byte_pairs, 6),
    "bert_pretraining": ("BertForPreTraining", {}, word_pieces, 7),
    "roberta_mask": ("RobertaForMaskedLM", {}, byte_pairs, 8),
    "bert_next_sentence": ("BertForNextSentencePrediction", {}, word_pieces, 9),
    "bert_choice": ("BertForMultipleChoice", {}, word_pieces, 10),
    "xlnet_classify": ("XLNetForSequenceClassification", named(["bad", "good", "so so"]), sentence_pieces, 11),
    "xlnet_tag": ("XLNetForTokenClassification", named(ENTITIES), sentence_pieces, 20),
    "xlnet_answer": ("XLNetForQuestionAnsweringSimple", {}, sentence_pieces, 13),
}


def make(name):
    class_name, config, tokenizer, seed = MODELS[name]
    folder = common.fresh_folder(DATA / name)
    tokenizer = tokenizer(folder)
    sizes = FAMILIES[class_name[:4]]
    model_class = getattr(transformers, class_name)
    model = model_class(model_class.config_class(vocab_size=len(tokenizer), **(sizes | config)))
    common.redraw(model, seed)
    model.save_pretrained(folder)
    if not (folder / "spiece.model").exists():
        tokenizer.save_pretrained(folder)
        compact(folder / "tokenizer.json")
    model = common.load(model_class, folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    if name == "xlnet_tag":  # the same tokenizer in full, for a folder that has it
        tokenizer.backend_tokenizer.save(str(folder / "full_tokenizer.json"))
        compact(folder / "full_tokenizer.json")
    return folder, model, tokenizer


def compact(path):
    path.write_text(json.dumps(json.loads(path.read_text()), ensure_ascii=False, separators=(",", ":")) + "\n")


# ---- recordings ------------------------------------------------------------------------------------------------------


def plain(value):
    """Without the number types of numpy and torch."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value.item() if hasattr(value, "item") else value


def is_long(tokenizer, *texts):
    return len(tokenizer(*texts)["input_ids"]) > tokenizer.model_max_length


def classify(model, tokenizer):
    pipe = transformers.TextClassificationPipeline(model=model, tokenizer=tokenizer)
    calls = []

    def record(text, second=None, problem_type=None, **options):
        model.config.problem_type = problem_type
        # In lists, because transformers takes a single empty second text for none.
        given = text if second is None else {"text": [text], "text_pair": [second]}
        more = {"truncation": True} if is_long(tokenizer, text, second) else {}
        result = pipe(given, **({"top_k": None} | options | more))
        calls.append({"text": text, "second": second, "problem_type": problem_type, "cut": bool(more)} | options
                     | {"result": plain(result)})  # fmt: skip
        model.config.problem_type = None

    for text in [*TEXTS, LONG]:
        record(text)
    for first, second in PAIRS:
        record(first, second)
    for function in ("softmax", "sigmoid", "none"):
        record(TEXTS[5], function_to_apply=function)
    for problem in ("regression", "single_label_classification", "multi_label_classification"):
        record(TEXTS[6], problem_type=problem)
    record(TEXTS[7], top_k=2)
    return calls


def has_ids_of_library(tokenizer, text):
    """Whether the sentencepiece library reads a text as transformers does, which cuts it at white space of its own kinds."""
    file = Path(tokenizer.name_or_path) / "spiece.model"
    if not file.exists():
        return True
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return tokenizer(text, add_special_tokens=False)["input_ids"] == pieces.encode(tokenizer.backend_tokenizer.normalizer.normalize_str(text))


def tag(model, tokenizer):
    pipe = transformers.TokenClassificationPipeline(model=model, tokenizer=tokenizer)
    calls = []

    def record(text, **options):
        if not has_ids_of_library(tokenizer, text):
            return
        result = pipe(text, **options)
        calls.append({"text": text, "cut": is_long(tokenizer, text) and "stride" not in options} | options
                     | {"result": plain(result)})  # fmt: skip

    for strategy in ("none", "simple", "first", "average", "max"):
        for text in [*TEXTS, LONG]:
            record(text, aggregation_strategy=strategy)
        record(TEXTS[7], aggregation_strategy=strategy, ignore_labels=[])
        record(TEXTS[7], aggregation_strategy=strategy, ignore_labels=["MISC", "B-LOC", "PER"])
    if tokenizer.model_max_length > len(LONG):  # it reads any text as a whole
        return calls
    for strategy in ("simple", "first", "average", "max"):
        for stride in (0, 7, 20):
            record(LONG, aggregation_strategy=strategy, stride=stride)
        record(TEXTS[6], aggregation_strategy=strategy, stride=7)
    return calls


def masked(tokenizer):
    """Texts with one word or more in the mask's place."""
    mask = tokenizer.mask_token
    return [
        mask,
        f"{mask} {mask}",
        f"Paris is the {mask} of France.",
        f"What is the capital of {mask}? {mask} is the capital of France.",
        f"café {mask} 🙂 日本語 {mask}{mask}",
        f"The music, however, was {mask}!",
        f"  {mask}  spaces ",
        f"supercalifragilistic{mask}",
        f"{tokenizer.pad_token} the {mask} and {tokenizer.sep_token} {tokenizer.cls_token} end",
    ]


def fill_mask(model, tokenizer):
    # A model for pretraining gives its scores of tokens under another name than the pipeline looks for.
    class Named(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.config, self.device, self.base_model_prefix = model.config, model.device, model.base_model_prefix

        def forward(self, **inputs):
            output = model(**inputs)
            return {"logits": output["prediction_logits"] if "prediction_logits" in output else output["logits"]}

    pipe = transformers.FillMaskPipeline(model=model, tokenizer=tokenizer)
    pipe.model = Named()
    calls = []

    def record(text, **options):
        more = {"tokenizer_kwargs": {"truncation": True}} if is_long(tokenizer, text) else {}
        result = plain(pipe(text, **options, **more))
        masks = [result] if isinstance(result[0], dict) else result
        calls.append({"text": text, "cut": bool(more)} | options | {"result": masks})

    for text in masked(tokenizer):
        record(text)
    record(f"{tokenizer.mask_token} {LONG}")
    record(masked(tokenizer)[2], top_k=1)
    record(masked(tokenizer)[3], top_k=12)
    record(masked(tokenizer)[2], targets=["the", "capital", "unhappiest"])
    record(masked(tokenizer)[3], targets=["zzz", "of", "the"], top_k=2)
    return calls


def next_sentence(model, tokenizer):
    calls = []
    for first, second in [*PAIRS, (TEXTS[4], LONG)]:
        cut = is_long(tokenizer, first, second)
        inputs = tokenizer([first], [second], return_tensors="pt", truncation=cut)  # an empty one is no pair without []
        output = model(**inputs)
        logits = output["seq_relationship_logits" if "seq_relationship_logits" in output else "logits"]
        calls.append({"text": first, "second": second, "cut": cut, "result": logits.softmax(-1)[0, 0].item()})
    return calls


def choose(model, tokenizer):
    calls = []
    for prompt, choices in [
        ("What is the capital of France?", ["Paris", "Rome", "the library is near the market"]),
        ("café 🙂", ["", "日本語"]),
        ("", ["bread, milk and cheese"]),
        (TEXTS[6], [TEXTS[4], TEXTS[5], TEXTS[3], TEXTS[3]]),
    ]:
        inputs = tokenizer([prompt] * len(choices), choices, return_tensors="pt", padding=True)
        logits = model(**{name: value[None] for name, value in inputs.items()})["logits"][0]
        calls.append({"text": prompt, "choices": choices, "cut": False, "result": logits.softmax(-1).tolist()})
    return calls


def answer(model, tokenizer):
    """The best spans by the rule of transformers' former pipeline (answer_recipe.py), in one window and without words."""
    calls = []
    for question, context in QUESTIONS:
        inputs = tokenizer([question], [context], return_tensors="pt", return_offsets_mapping=True)
        offsets = inputs.pop("offset_mapping")[0].tolist()
        if len(offsets) > 384:  # more than one window
            continue
        logits = model(**inputs)
        texts = inputs.sequence_ids(0)
        no_answer = offsets.index([0, 0], texts.index(1)) + 1  # <sep> <cls> at the end
        kept = torch.tensor([text == 1 for text in texts])
        kept[no_answer] = True
        starts, ends = (
            logits[name][0].masked_fill(~kept, -10000.0).softmax(-1).double() * kept for name in ("start_logits", "end_logits")
        )
        impossible = (starts[no_answer] * ends[no_answer]).item()
        starts[no_answer] = ends[no_answer] = 0
        scores = torch.outer(starts, ends).triu().tril(14)
        best = scores.flatten().topk(3)
        found = {}
        for score, place in zip(best.values.tolist(), best.indices.tolist()):
            start, end = offsets[place // len(texts)][0], offsets[place % len(texts)][1]
            text = context[start:end]
            if text.lower() in found:
                found[text.lower()]["score"] += score
            elif score > 0:
                found[text.lower()] = {"score": score, "start": start, "end": end, "answer": text}
        answers = [*found.values(), {"score": impossible, "start": 0, "end": 0, "answer": ""}]
        calls.append({"question": question, "context": context, "top_k": 3, "handle_impossible_answer": True,
                      "align_to_words": False, "result": sorted(answers, key=lambda one: -one["score"])[:3]})  # fmt: skip
    return calls


TASKS = {
    "BertForSequenceClassification": {"classify": classify},
    "RobertaForSequenceClassification": {"classify": classify},
    "BertForTokenClassification": {"tag": tag},
    "RobertaForTokenClassification": {"tag": tag},
    "XLNetForTokenClassification": {"tag": tag},
    "BertForQuestionAnswering": {},
    "RobertaForQuestionAnswering": {},
    "BertForPreTraining": {"fill_mask": fill_mask, "next_sentence": next_sentence},
    "RobertaForMaskedLM": {"fill_mask": fill_mask},
    "BertForNextSentencePrediction": {"next_sentence": next_sentence},
    "BertForMultipleChoice": {"choose": choose},
    "XLNetForSequenceClassification": {"classify": classify},
    "XLNetForQuestionAnsweringSimple": {"answer": answer},
}


def write(folder, recorded):
    """One line a call."""
    parts = []
    for task, calls in recorded.items():
        lines = ",\n".join(json.dumps(call, ensure_ascii=False) for call in calls)
        parts.append(f'"{task}": [\n{lines}\n]')
    (folder / "recorded.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def main():
    warnings.simplefilter("ignore")
    for name in sys.argv[1:] or MODELS:
        folder, model, tokenizer = make(name)
        recorded = {task: record(model, tokenizer) for task, record in TASKS[MODELS[name][0]].items()}
        if recorded:
            write(folder, recorded)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f"{name}: {len(tokenizer)} tokens, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
