"""Tiny GPT-2 models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.activations import ACT2FN

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402

MODULE = "transformers.models.gpt2.modeling_gpt2"
VOCABULARY = 131
POSITIONS = 100  # the prompt of 75 and 24 new ids


@dataclass
class Case:
    seed: int
    config: dict
    naming: str = "newer"  # as transformers 5 saves; "hub": no prefix, float32 masks; "dialogpt": prefix, byte masks
    length: int = 75
    adjusted: dict = field(default_factory=dict)
    attentions: bool = True


# The forms of GELU differ by less than 5e-4, and relatively most where the input is near -2.5: there they must show.
AROUND_GELU = {"c_fc.weight": (0.3, 0.0), "c_fc.bias": (1.0, -2.5), "mlp.c_proj.weight": (8.0, 0.0)}

CASES = {
    # openai-community/gpt2: names without prefix, the causal mask among the weights, n_ctx in the config
    "hub": Case(31, {"n_inner": None}, naming="hub", adjusted=AROUND_GELU),
    # microsoft/DialoGPT: prefix, the tied head stored as well, mask as bytes, masked_bias
    "dialogpt": Case(32, {"n_embd": 40, "n_head": 4}, naming="dialogpt", length=67),
    "inverse_layer": Case(
        33,
        {
            "n_inner": 52,
            "n_layer": 3,
            "activation_function": "relu",
            "scale_attn_by_inverse_layer_idx": True,
            "reorder_and_upcast_attn": True,
        },
        adjusted={"c_attn.weight": (1.5, 0.0)},
        attentions=False,
    ),
    # scores that are not scaled, so queries and keys are drawn smaller; the erf GELU; a head of its own
    "unscaled": Case(
        34,
        {"n_inner": 52, "activation_function": "gelu", "scale_attn_weights": False, "tie_word_embeddings": False},
        adjusted=AROUND_GELU | {"c_attn.weight": (0.6, 0.0)},
        attentions=False,
    ),
}


# ---- config.json and names -------------------------------------------------------------------------------------------


def older_config(case):
    """The keys of the hub's first files: n_ctx and task_specific_params, no scale or tie keys."""
    config = {
        "activation_function": "gelu_new",
        "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.1,
        "bos_token_id": VOCABULARY - 1,
        "embd_pdrop": 0.1,
        "eos_token_id": VOCABULARY - 1,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 0.01,
        "model_type": "gpt2",
        "n_ctx": POSITIONS,
        "n_embd": 36,
        "n_head": 3,
        "n_layer": 2,
        "n_positions": POSITIONS,
        "resid_pdrop": 0.1,
        "summary_activation": None,
        "summary_first_dropout": 0.1,
        "summary_proj_to_labels": True,
        "summary_type": "cls_index",
        "summary_use_proj": True,
        "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
        "vocab_size": VOCABULARY,
    }
    return config | case.config


def newer_config(case):
    left_out = ("n_ctx", "task_specific_params")
    config = {key: value for key, value in older_config(case).items() if key not in left_out}
    newer = {
        "add_cross_attention": False,
        "dtype": "float32",
        "n_inner": None,
        "pad_token_id": None,
        "reorder_and_upcast_attn": False,
        "scale_attn_by_inverse_layer_idx": False,
        "scale_attn_weights": True,
        "tie_word_embeddings": True,
        "transformers_version": "5.23.0",
        "use_cache": True,
    }
    return dict(sorted((config | newer | case.config).items()))


def stored_tensors(case, state):
    tied = newer_config(case)["tie_word_embeddings"]
    if case.naming == "newer":
        return common.untied(state, "lm_head.weight") if tied else state
    mask = torch.tril(torch.ones(POSITIONS, POSITIONS)).view(1, 1, POSITIONS, POSITIONS)
    layers = range(newer_config(case)["n_layer"])
    if case.naming == "dialogpt":
        return (
            state
            | {f"transformer.h.{i}.attn.bias": mask.to(torch.uint8) for i in layers}
            | {f"transformer.h.{i}.attn.masked_bias": torch.tensor(-10000.0) for i in layers}
        )
    state = {name.removeprefix("transformer."): tensor for name, tensor in state.items() if name != "lm_head.weight"}
    return state | {f"h.{i}.attn.bias": mask for i in layers}


# ---- mechanisms that must show in the logits -------------------------------------------------------------------------


def without_position(model, stack):
    model.transformer.wpe.weight.zero_()


def shifted_position(model, stack):
    model.transformer.wpe.weight.copy_(model.transformer.wpe.weight.roll(1, 0))


def without_mask(model, stack):
    stack.enter_context(patch(f"{MODULE}.create_causal_mask", lambda **_: None))


def scaling(of_layer):
    def mutate(model, stack):
        for index, block in enumerate(model.transformer.h):
            block.attn.scaling = of_layer(index, block.attn.head_dim)

    return mutate


def activation(function):
    def mutate(model, stack):
        for block in model.transformer.h:
            block.mlp.act = function

    return mutate


def epsilon(value):
    def mutate(model, stack):
        for module in model.modules():
            if isinstance(module, nn.LayerNorm):
                module.eps = value

    return mutate


def transposed_projection(model, stack):
    """Conv1D stores [input, output]; where both are equal the shapes do not tell."""
    for block in model.transformer.h:
        block.attn.c_proj.weight.copy_(block.attn.c_proj.weight.T.clone())


def key_before_query(model, stack):
    for block in model.transformer.h:
        for parameter in (block.attn.c_attn.weight, block.attn.c_attn.bias):
            query, key, value = parameter.clone().chunk(3, -1)
            parameter.copy_(torch.cat((key, query, value), -1))


def head_from_embedding(model, stack):
    model.lm_head.weight = nn.Parameter(model.transformer.wte.weight.clone())


def mechanisms(case, config):
    table = {
        "position": without_position,
        "position shifted by one": shifted_position,
        "mask": without_mask,
        "order of query and key": key_before_query,
        "Conv1D transposed": transposed_projection,
        "epsilon": epsilon(1e-5),
    }
    others = {"gelu_new": ["relu", "silu"], "gelu": ["relu", "quick_gelu"], "relu": ["gelu_new", "silu"]}
    others = others[config["activation_function"]]
    if "c_fc.bias" in case.adjusted:
        others.append({"gelu_new": "gelu", "gelu": "gelu_new"}[config["activation_function"]])
    for name in others:
        table[f"activation: {name}"] = activation(ACT2FN[name])
    if not config["scale_attn_weights"]:
        table["scale"] = scaling(lambda layer, head_dim: head_dim**-0.5)
    elif config["scale_attn_by_inverse_layer_idx"]:
        table["scale"] = scaling(lambda layer, head_dim: 1.0 / (layer + 1))
        table["scale by inverse layer"] = scaling(lambda layer, head_dim: head_dim**-0.5)
    else:
        table["scale"] = scaling(lambda layer, head_dim: 1.0)
    if not config["tie_word_embeddings"]:
        table["own head"] = head_from_embedding
    return table


def to_double(model):
    for block in model.transformer.h:
        block.attn.reorder_and_upcast_attn = False  # insists on float32
    return model.double()


# ---- one case --------------------------------------------------------------------------------------------------------


def make(name, case):
    folder = common.fresh_folder(HERE / name)
    config = newer_config(case)
    model = GPT2LMHeadModel(GPT2Config.from_dict(config))
    common.redraw(model, case.seed, adjusted=case.adjusted)
    common.save_weights(folder, stored_tensors(case, model.state_dict()))
    common.save_config(folder, config if case.naming == "newer" else older_config(case))

    ids = common.draw_ids(case.length, VOCABULARY, case.seed)
    model.set_attn_implementation("eager")
    expected = common.logits_of(model, ids)
    model = common.load(GPT2LMHeadModel, folder, unexpected=(".attn.bias", ".attn.masked_bias"))
    common.check(torch.equal(common.logits_of(model, ids), expected), f"{name}: the folder is another model")

    common.record(
        common.Recording(
            folder,
            model,
            VOCABULARY,
            mechanisms=mechanisms(case, config) | common.leave_out_vectors(model),
            length=case.length,
            seed=case.seed,
            attentions=case.attentions,
            to_double=to_double,
        )
    )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        make(chosen, CASES[chosen])
