"""Records what transformers' diverse beam search gives for the golden models: group_beams.json.

transformers 4.55.4 is the last one that has it without code from elsewhere: install it with huggingface-hub below 1 and
tokenizers below 0.22 in an environment of its own, with torch and safetensors as in tests/golden/requirements.txt. Run
from anywhere: python tests/generate/group_beams_recipe.py
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import beam_cases as cases  # noqa: E402
from beam_cases import GOLDEN, check  # noqa: E402

MODELS = {
    "llama/default": transformers.LlamaForCausalLM,
    "gpt2/hub": transformers.GPT2LMHeadModel,
    "t5/flan": transformers.T5ForConditionalGeneration,
    "bart/hub": transformers.BartForConditionalGeneration,
    "m2m_100/hub": transformers.M2M100ForConditionalGeneration,
    "xlnet/hub": transformers.XLNetLMHeadModel,
    "t5/mt5": transformers.MT5ForConditionalGeneration,
    "t5/umt5": transformers.UMT5ForConditionalGeneration,
    "mbart/hub": transformers.MBartForConditionalGeneration,
    "pegasus/hub": transformers.PegasusForConditionalGeneration,
    "marian/hub": transformers.MarianMTModel,
}
INPUTS = {"input_ids": "input_ids", "decoder_ids": "decoder_input_ids", "token_type_ids": "token_type_ids"}
NEW_TOKENS = 16

torch.set_num_threads(1)
torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()


def load(name):
    """The model as the older version reads it, which has to give the recorded logits."""
    folder = GOLDEN / name
    model = MODELS[name].from_pretrained(folder, torch_dtype=torch.float32, attn_implementation="eager").eval()
    if model.config.model_type == "mt5":
        model.config.tie_word_embeddings = False  # they are tied by now; it would divide logits, which 5.23.0 does not
    golden = load_file(folder / "golden.safetensors")
    inputs = {INPUTS[key]: tensor for key, tensor in golden.items() if key in INPUTS}
    logits = model(**inputs, use_cache=False).logits[0]
    check((logits - golden["logits"]).abs().max() < 1e-4 * logits.abs().max(), f"{name} is read otherwise")
    files = [folder / "config.json", folder / "generation_config.json"]
    if not any("forced_eos_token_id" in file.read_text() for file in files if file.exists()):
        model.generation_config.forced_eos_token_id = None  # BART's relatives had one for files that say nothing
    return model


def settings(end):
    plain = {
        "num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 0.7, "num_return_sequences": 4,
        "max_new_tokens": NEW_TOKENS, "eos_token_id": [end],
    }
    return [
        ("two groups", plain),
        ("two groups, early_stopping True", plain | {"early_stopping": True}),
        ("two groups, early_stopping never", plain | {"early_stopping": "never", "length_penalty": 2.0}),
        ("three groups of two", plain | {"num_beams": 6, "num_beam_groups": 3, "diversity_penalty": 2.5}),
        ("groups of one", plain | {"num_beam_groups": 4, "diversity_penalty": 1.5}),
        ("repetition_penalty", plain | {"repetition_penalty": 1.3, "num_return_sequences": 2}),
    ]


def ungrouped(options):
    return {key: value for key, value in options.items() if key not in ("num_beam_groups", "diversity_penalty")}


def tells(model, found):
    """Whether groups differ from plain beams, the penalty counts, and texts end early."""
    first = found[0]
    plain, _ = cases.run(model, first["prompt"], ungrouped(first["options"]))
    weaker, _ = cases.run(model, first["prompt"], first["options"] | {"diversity_penalty": 0.01})
    lengths = [len(ids) for case in found for ids in case["sequences"]]
    early = {json.dumps(case["sequences"]) for case in found[:3]}
    return (
        first["sequences"] not in (plain, weaker) and min(lengths) < NEW_TOKENS and len(early) == 3
    )


def cases_of(name):
    model = load(name)
    for prompt in (cases.prompt_of(name), cases.prompt_of(name, "long")):
        plain, _ = cases.run(model, prompt, {"num_beams": 6, "num_return_sequences": 6, "max_new_tokens": 8})
        for end in dict.fromkeys(token for ids in plain for token in ids[1:]):
            found = [
                cases.recorded(model, {"model": name, "name": title, "prompt": prompt, "options": options})
                for title, options in settings(end)
            ]
            if all(found) and tells(model, found):
                return found
    sys.exit(f"recipe failed: {name}: no prompt and end token whose cases tell")


def main():
    found = []
    for name in MODELS:
        found += cases_of(name)
        print(f"{name}: {len(found)} cases", flush=True)
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    cases.write(pathlib.Path(__file__).with_name("group_beams.json"), {"versions": versions, "cases": found})


if __name__ == "__main__":
    main()
