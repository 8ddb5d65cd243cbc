"""Tiny random encoder-decoders with their tokenizers, and what transformers' generate() writes about texts with them.

Run: python tests/tasks/writers_recipe.py [model ...], with the versions of tests/golden/requirements.txt and
sentencepiece 0.2.3.

Each folder below data/ is a model as the library loads it, and recorded.json: lists of calls by the name of the task.
Texts on whose way two tokens nearly tie are left out.
"""

import collections
import io
import json
import math
import sys
from pathlib import Path

import sentencepiece
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import heads_recipe  # noqa: E402
from heads_recipe import DATA, common, compact, write  # noqa: E402
from heads_texts import LONG, TEXTS, TRAINING  # noqa: E402

CONTEXT = 64
NEW_TOKENS = 16
CHOSEN = [TEXTS[k] for k in (3, 4, 5, 6, 8, 9, 10, 11, 12, 14)]


# ---- tokenizers ------------------------------------------------------------------------------------------------------


def unigram_pieces(size=200):
    """Characters, then the most frequent words and ends of words: a trainer's own ties fall differently each time."""
    texts = " ".join(TRAINING) + " translate English to German: summarize: translate French to Haitian Creole: "
    counts = collections.Counter()
    for word in texts.split():
        counts["\u2581" + word] += 1
        counts.update(word)
        counts.update(word[-length:] for length in range(2, min(len(word), 5)))
    counts["\u2581"] = len(texts.split())
    pieces = [piece for piece in sorted(counts) if len(piece) == 1]
    pieces += [piece for piece, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if len(piece) > 1]
    total = sum(counts.values())
    return [(piece, math.log(counts[piece] / total)) for piece in pieces[:size]]


def unigram(folder):
    """T5's: pieces, then </s>."""
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(special + unigram_pieces(), unk_id=2))
    tokenizer.add_special_tokens([token for token, _ in special])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


def word_pairs(class_name, **options):
    """A vocabulary of byte pairs over words that begin with a mark, with the class's language tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=150, special_tokens=["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.train_from_iterator(TRAINING, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return lambda folder: getattr(transformers, class_name)(
        vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]], **options
    )


def pieces_and_languages(class_name):
    """mBART's: the pieces, then its languages and the mask."""

    def make(folder):
        languages = list(sys.modules[getattr(transformers, class_name).__module__].FAIRSEQ_LANGUAGE_CODES)
        special = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
        pieces = special + unigram_pieces() + [(token, 0.0) for token in (*languages, "<mask>")]
        return getattr(transformers, class_name)(vocab=pieces, src_lang="en_XX")

    return make


def marian(folder):
    """source.spm, target.spm and vocab.json; two languages that a text may be translated into."""
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TRAINING), model_writer=trained, vocab_size=140, character_coverage=1.0, num_threads=1,
        bos_id=-1, minloglevel=2, normalization_rule_name="identity")  # fmt: skip
    data = trained.getvalue()
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(data)
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    pieces = [processor.id_to_piece(k) for k in range(processor.get_piece_size())]
    tokens = ["</s>", "<unk>", *(piece for piece in pieces if piece not in ("</s>", "<unk>")), ">>deu<<", ">>fra<<", "<pad>"]
    common.save_json(folder / "vocab.json", {token: k for k, token in enumerate(tokens)})
    return transformers.MarianTokenizer(
        source_spm=str(folder / "source.spm"), target_spm=str(folder / "target.spm"), vocab=str(folder / "vocab.json"),
        source_lang="en", target_lang="roa")  # fmt: skip


# ---- models ----------------------------------------------------------------------------------------------------------


BART = {
    "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
    "encoder_ffn_dim": 20, "decoder_ffn_dim": 20, "max_position_embeddings": CONTEXT, "pad_token_id": 1,
    "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": None,
}  # fmt: skip
T5 = {
    "d_model": 16, "d_kv": 8, "d_ff": 20, "num_layers": 1, "num_heads": 2, "relative_attention_num_buckets": 8,
    "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1,
    "task_specific_params": {
        "summarization": {"prefix": "summarize: ", "num_beams": 4},
        "translation_en_to_de": {"prefix": "translate English to German: ", "max_length": 300},
    },
}  # fmt: skip
# facebook/mbart-large-cc25 names no token that its decoder begins with.
MBART = BART | {"scale_embedding": True, "decoder_start_token_id": None}
MARIAN = BART | {"decoder_start_token_id": 142, "eos_token_id": 0, "bos_token_id": 0, "pad_token_id": 142}

MODELS = {
    "t5_tasks": ("T5ForConditionalGeneration", T5, unigram),
    "nllb": ("M2M100ForConditionalGeneration", BART, word_pairs("NllbTokenizer")),
    "bart_summary": ("BartForConditionalGeneration", BART, lambda folder: heads_recipe.byte_pairs()),
    "mbart_50": ("MBartForConditionalGeneration", MBART | {"decoder_start_token_id": 2}, pieces_and_languages("MBart50Tokenizer")),
    "mbart_cc25": ("MBartForConditionalGeneration", MBART, pieces_and_languages("MBartTokenizer")),
    "marian": ("BartForConditionalGeneration", MARIAN, marian),
}


def make(name, seed):
    class_name, config, tokenizer = MODELS[name]
    folder = common.fresh_folder(DATA / name)
    tokenizer = tokenizer(folder)
    tokenizer.save_pretrained(folder)
    model_class = getattr(transformers, class_name)
    model = model_class(model_class.config_class(vocab_size=len(tokenizer), **config))
    common.redraw(model, seed)
    model.generation_config = transformers.GenerationConfig.from_model_config(model.config)
    model.save_pretrained(folder)
    if (folder / "tokenizer.json").exists():
        compact(folder / "tokenizer.json")
    return folder, common.load(model_class, folder), transformers.AutoTokenizer.from_pretrained(folder)


# ---- recordings ------------------------------------------------------------------------------------------------------


def written(model, tokenizer, text, cut, **options):
    """The text that generate() gives, or nothing where two tokens nearly tie."""
    limit = {"truncation": True, "max_length": CONTEXT} if cut else {}
    ids = tokenizer(text, return_tensors="pt", **limit)
    ids.pop("token_type_ids", None)
    output = model.generate(**ids, do_sample=False, num_beams=1, max_new_tokens=NEW_TOKENS, output_logits=True,
                            return_dict_in_generate=True, **options)  # fmt: skip
    best = torch.stack([logits[0].topk(2).values for logits in output.logits])
    gap = ((best[:, 0] - best[:, 1]) / best.abs().max()).min().item()
    return tokenizer.decode(output.sequences[0], skip_special_tokens=True) if gap > 1e-3 else None


def translate(model, tokenizer, name):
    calls = []

    def record(text, source="", target="", prefix="", **options):
        cut = name != "t5_tasks" and len(tokenizer(prefix + text)["input_ids"]) > CONTEXT
        result = written(model, tokenizer, prefix + text, cut, **options)
        if result is not None:
            calls.append({"text": text, "from": source, "to": target, "cut": cut, "result": result})

    for text in [*CHOSEN, "", LONG]:
        if name == "t5_tasks":
            record(text, "en", "de", "translate English to German: ")
            record(text, "French", "ht", "translate French to Haitian Creole: ")
        elif name == "nllb":
            for source, target, names in (("eng_Latn", "fra_Latn", ("", "French")), ("deu_Latn", "zho_Hans", ("de", "zh"))):
                tokenizer.src_lang = source
                record(text, *names, forced_bos_token_id=tokenizer.convert_tokens_to_ids(target))
        elif name.startswith("mbart"):
            for source, target, names in (("en_XX", "ro_RO", ("", "Romanian")), ("de_DE", "fr_XX", ("German", "fr"))):
                tokenizer.src_lang = source
                begin = "forced_bos_token_id" if name == "mbart_50" else "decoder_start_token_id"
                record(text, *names, **{begin: tokenizer.convert_tokens_to_ids(target)})
        elif name == "marian":
            record(text, "", "French", ">>fra<< ")
            record(">>deu<< " + text)
    return calls


def summarize(model, tokenizer, name):
    calls = []
    prefix = "summarize: " if name == "t5_tasks" else ""
    for text in [*CHOSEN, "", LONG]:
        cut = name != "t5_tasks" and len(tokenizer(prefix + text)["input_ids"]) > CONTEXT
        result = written(model, tokenizer, prefix + text, cut)
        if result is not None:
            calls.append({"text": text, "cut": cut, "result": result})
    return calls


def record(name):
    """The first model whose texts are not all alike: a random one may say the same of everything."""
    for seed in range(21, 200):
        folder, model, tokenizer = make(name, seed)
        recorded = {}
        if name != "bart_summary":
            recorded["translate"] = translate(model, tokenizer, name)
        if name in ("bart_summary", "t5_tasks"):
            recorded["summarize"] = summarize(model, tokenizer, name)
        if all(len({call["result"] for call in calls}) >= 0.6 * len(calls) for calls in recorded.values()):
            return folder, tokenizer, recorded
    sys.exit(f"{name}: no seed gives texts that differ")


def main():
    for name in sys.argv[1:] or MODELS:
        folder, tokenizer, recorded = record(name)
        write(folder, recorded)
        size = sum(file.stat().st_size for file in folder.iterdir())
        counts = {task: len(calls) for task, calls in recorded.items()}
        print(f"{name}: {len(tokenizer)} tokens, {size / 1000:.0f} kB, {counts}")


if __name__ == "__main__":
    main()
