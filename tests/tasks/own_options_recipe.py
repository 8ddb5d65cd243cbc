"""Records what transformers' generate() writes where the model's own files say how: data/bart_summary/own_options.json.

Run: python tests/tasks/own_options_recipe.py, with the versions of tests/golden/requirements.txt.

A case is a file of the model of data/bart_summary with other keys, and what the caller says beside them. The keys are those of
facebook/bart-large-cnn's generation_config.json with smaller numbers, and the same keys at the top level of a config.json
without a generation_config.json, as older models have them. Texts of which float64 makes another one are left out; a key
without which every text stays the same proves nothing, so the recipe stops there.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers

sys.path.insert(0, str(Path(__file__).resolve().parent))
from writers_recipe import CHOSEN, DATA  # noqa: E402

MODEL = DATA / "bart_summary"
# Tokens that the random model likes end a text as well: by its own one it never would.
ENDS = {"eos_token_id": [2, 93, 164, 220]}
TOKENS = {"bos_token_id": 0, "decoder_start_token_id": 2, "pad_token_id": 1} | ENDS
CNN = TOKENS | {
    "early_stopping": True, "forced_bos_token_id": 0, "forced_eos_token_id": 2, "length_penalty": 2.0, "max_length": 14,
    "min_length": 8, "no_repeat_ngram_size": 3, "num_beams": 4,
}  # fmt: skip
OLDER = ENDS | {"early_stopping": True, "length_penalty": -1.0, "max_length": 9, "min_length": 7, "no_repeat_ngram_size": 2, "num_beams": 3}
ONE_BEAM = TOKENS | {"length_penalty": 2.0, "max_length": 18, "num_beams": 1}

# file, its keys, what the caller says
CASES = [
    ("generation_config.json", CNN, {}),
    ("generation_config.json", CNN, {"num_beams": 1}),
    ("generation_config.json", CNN, {"num_beams": 2, "length_penalty": -2.0}),
    ("generation_config.json", CNN, {"max_new_tokens": 12, "min_length": 4}),
    ("generation_config.json", ONE_BEAM, {"num_beams": 4}),
    ("config.json", OLDER | {"task_specific_params": {"summarization": {"num_beams": 2, "min_length": 3}}}, {}),
    ("config.json", OLDER, {"no_repeat_ngram_size": 1}),
]


def ids_by(file, keys, options, dtype):
    """The new tokens for each text."""
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path) / "model"
        shutil.copytree(MODEL, folder)
        (folder / "generation_config.json").unlink()
        own = json.loads((folder / file).read_text()) if file == "config.json" else {}
        (folder / file).write_text(json.dumps(own | keys))
        model = transformers.BartForConditionalGeneration.from_pretrained(folder, dtype=dtype).eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        texts = []
        for text in CHOSEN:
            inputs = {"input_ids": tokenizer(text, return_tensors="pt")["input_ids"]}
            inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
            with torch.no_grad():
                texts.append(model.generate(**inputs, **options)[0].tolist()[1:])
        return texts, tokenizer


def without_end(ids):
    """The library's text ends before an end token, also before one that is not special."""
    return ids[:-1] if ids[-1] in ENDS["eos_token_id"] else ids


def matters(file, keys, options):
    """Which of the keys of beams and lengths change a text by not being there."""
    found = ids_by(file, keys, options, torch.float32)[0]
    counted = [key for key in keys if key not in TOKENS and key != "task_specific_params" and key not in options]
    return {key for key in counted if ids_by(file, {k: v for k, v in keys.items() if k != key}, options, torch.float32)[0] != found}


def main():
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    cases, counted = [], {}
    for file, keys, options in CASES:
        found, tokenizer = ids_by(file, keys, options, torch.float32)
        exact = ids_by(file, keys, options, torch.float64)[0]
        calls = [
            {"text": text, "ids": ids, "result": tokenizer.decode(without_end(ids), skip_special_tokens=True)}
            for text, ids, other in zip(CHOSEN, found, exact)
            if ids == other
        ]
        cases.append({"file": file, "keys": keys, "options": options, "calls": calls})
        with_effect = matters(file, keys, options)
        counted.setdefault(file, set()).update(with_effect)
        print(file, options, len(calls), "texts", *sorted(with_effect))
    needed = {"length_penalty", "max_length", "min_length", "no_repeat_ngram_size", "num_beams"}
    for file, keys in counted.items():
        if needed - keys:
            sys.exit(f"{file}: without effect: {needed - keys}")
    lines = ",\n".join(json.dumps(case, ensure_ascii=False).replace('{"text"', '\n {"text"') for case in cases)
    (MODEL / "own_options.json").write_text('{"cases": [\n' + lines + "\n]}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
