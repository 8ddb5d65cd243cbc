"""Tiny folders of sentence-transformers and the embeddings that its modules give, written with transformers and torch.

Run: python recipe.py. Semantics: https://github.com/UKPLab/sentence-transformers/tree/v5.1.0/sentence_transformers/models
With `--compare` and that library installed, its own embeddings of the folders are held against the recorded ones.
"""

import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertModel

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import tiny_bert  # noqa: E402
from tiny_bert import common  # noqa: E402

TEXTS = [
    "the blue door is open",
    "",
    " \n ",
    "A red key opens it.",
    "who lives in this old house? who lives in this old house? who lives in this old house?",
    "x",
    "世界 Zürich — 42",
    "  the   blue doors, opened: it's the house  ",
]
TYPE = "sentence_transformers.models."
LEGACY = ("cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")


def legacy(*modes):
    """Pooling's config.json as versions up to 5 write it."""
    return {"word_embedding_dimension": 20, **{f"pooling_mode_{mode}": mode in modes for mode in LEGACY},
            "include_prompt": True}


def dense(seed, outputs, inputs, bias, activation):
    generator = torch.Generator().manual_seed(seed)
    tensors = {"linear.weight": torch.randn((outputs, inputs), generator=generator) * 0.3}
    if bias:
        tensors["linear.bias"] = torch.randn(outputs, generator=generator) * 0.3
    return {"in_features": inputs, "out_features": outputs, "bias": bias,
            "activation_function": "torch.nn.modules." + activation}, tensors


CASES = {
    # all-MiniLM: everything at the top, the mean, the length 1
    "mean": {"seed": 1, "pooling": legacy("mean_tokens"), "modes": ["mean"], "normalize": True, "max_length": 16},
    # the transformer in a folder of its own, two poolings, two layers, one of them in PyTorch's older file
    "layers": {"seed": 2, "transformer": "0_Transformer", "pooling": legacy("cls_token", "max_tokens"),
               "modes": ["cls", "max"],
               "dense": [dense(21, 7, 40, True, "activation.Tanh"), dense(22, 5, 7, False, "linear.Identity")]},
    # prompts that count in the attention and not in the mean; keys as version 6 writes them
    "prompts": {"seed": 3, "pooling": {"embedding_dimension": 20, "pooling_mode": "weightedmean",
                                       "include_prompt": False},
                "modes": ["weightedmean"], "max_length": 16,
                "prompts": {"query": "who opens: ", "passage": "a house, "}, "default": "query"},
    "ends": {"seed": 4, "pooling": legacy("mean_sqrt_len_tokens", "lasttoken"), "modes": ["sqrt", "last"],
             "normalize": True, "max_length": 16},
}


# ---- the reference ---------------------------------------------------------------------------------------------------


def pool(mode, rows, left_out):
    places = torch.arange(1, len(rows) + 1, dtype=torch.float64)[left_out:, None]
    rows = rows[left_out:].double()
    return {
        "cls": lambda: rows[0],
        "max": lambda: rows.max(0).values,
        "mean": lambda: rows.mean(0),
        "sqrt": lambda: rows.sum(0) / len(rows) ** 0.5,
        "weightedmean": lambda: (rows * places).sum(0) / places.sum(),
        "last": lambda: rows[-1],
    }[mode]()


def embed(case, model, tokenizer, text, prompt):
    length = case.get("max_length", 48)
    ids = tokenizer((prompt + text).strip(), truncation=True, max_length=length)["input_ids"]
    rows = model(torch.tensor([ids])).last_hidden_state[0]
    left_out = len(tokenizer(prompt)["input_ids"]) - 1 if "prompts" in case and prompt else 0
    vector = torch.cat([pool(mode, rows, left_out) for mode in case["modes"]]).float()
    for config, tensors in case.get("dense", []):
        vector = torch.nn.functional.linear(vector, tensors["linear.weight"], tensors.get("linear.bias"))
        vector = torch.tanh(vector) if config["activation_function"].endswith("Tanh") else vector
    return torch.nn.functional.normalize(vector, dim=0) if case.get("normalize") else vector


# ---- the folders -----------------------------------------------------------------------------------------------------


def modules(case):
    kinds = [("Transformer", case.get("transformer", "")), ("Pooling", "1_Pooling")]
    kinds += [("Dense", f"{place}_Dense") for place in range(2, 2 + len(case.get("dense", [])))]
    kinds += [("Normalize", f"{len(kinds)}_Normalize")] if case.get("normalize") else []
    return [{"idx": place, "name": str(place), "path": path, "type": TYPE + kind}
            for place, (kind, path) in enumerate(kinds)]


def write_folder(name, case, model):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    transformer = folder / case.get("transformer", "")
    tiny_bert.save(model, transformer)
    tiny_bert.write_json(folder / "modules.json", modules(case))
    tiny_bert.write_json(folder / "1_Pooling" / "config.json", case["pooling"])
    if "max_length" in case:
        tiny_bert.write_json(transformer / "sentence_bert_config.json",
                             {"max_seq_length": case["max_length"], "do_lower_case": False})
    for place, (config, tensors) in enumerate(case.get("dense", [])):
        part = folder / f"{2 + place}_Dense"
        tiny_bert.write_json(part / "config.json", config)
        if place == 0:
            save_file(tensors, part / "model.safetensors", metadata={"format": "pt"})
        else:
            torch.save(tensors, part / "pytorch_model.bin")
    tiny_bert.write_json(folder / "config_sentence_transformers.json", {
        "__version__": {"sentence_transformers": "5.1.0", "transformers": "5.23.0", "pytorch": "2.15.0"},
        "model_type": "SentenceTransformer", "prompts": case.get("prompts", {}),
        "default_prompt_name": case.get("default"), "similarity_fn_name": "cosine"})
    return folder


def record(name, case):
    model = tiny_bert.make_model(BertModel, case["seed"])
    folder = write_folder(name, case, model)
    tokenizer = tiny_bert.make_tokenizer()
    prompts = case.get("prompts", {})
    default = prompts.get(case.get("default"), "")
    recorded = {"": [embed(case, model, tokenizer, text, default).tolist() for text in TEXTS]}
    for prompt_name, prompt in prompts.items():
        recorded[prompt_name] = [embed(case, model, tokenizer, text, prompt).tolist() for text in TEXTS]
    common.check(len({str(row) for row in recorded[""]}) > 5, "texts give the same vectors")
    tiny_bert.write_json(folder / "embeddings.json", {"texts": TEXTS, "embeddings": recorded})
    if "--compare" in sys.argv:
        compare(folder, recorded, default)
    print(name, "recorded:", len(recorded[""][0]), "numbers a text")


def compare(folder, recorded, default):
    from sentence_transformers import SentenceTransformer

    library = SentenceTransformer(str(folder), device="cpu")
    for prompt_name, expected in recorded.items():
        found = torch.tensor(library.encode(TEXTS, **({"prompt_name": prompt_name} if prompt_name else {})))
        change = common.relative_change(found, torch.tensor(expected))
        print("against sentence-transformers", folder.name, prompt_name or "default", common.rounded(change))
        common.check(change < 1e-5, "sentence-transformers gives other embeddings")


if __name__ == "__main__":
    for case_name, its_case in CASES.items():
        record(case_name, its_case)
