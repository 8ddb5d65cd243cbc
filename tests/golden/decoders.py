"""What the recipes of Llama and its relatives share: ways to leave a mechanism out, and making a relative's cases."""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import common
import torch
from torch import nn

VOCABULARY = 131

# Heads that are normalized give small scores: their norms' weights are drawn around 2, so that attention is not uniform.
SHARP_HEADS = {"q_norm": (1.0, 1.0), "k_norm": (1.0, 1.0)}


# ---- mechanisms that must show in the logits; `module` is the reference's modelling file -----------------------------


def without_mask(module):
    return lambda model, stack: stack.enter_context(patch(f"{module}.create_causal_mask", lambda **_: None))


def without_scale(model, stack):
    for layer in model.model.layers:
        layer.self_attn.scaling = 1.0


def hold_frequencies(model):
    """The rotation keeps the frequencies of the last forward pass."""
    model.model.rotary_emb.rope_type = "default"


def without_position(model, stack):
    hold_frequencies(model)
    model.model.rotary_emb.inv_freq.zero_()


def wrong_grouping(module):
    """Query head h reads key-value head h mod kv_heads instead of h // group."""
    return lambda model, stack: stack.enter_context(
        patch(f"{module}.repeat_kv", lambda states, times: states.repeat(1, times, 1, 1))
    )


def interleaved_rotation(module):
    """Pairs (0, 1), (2, 3), ... instead of (0, d/2), (1, d/2 + 1), ..."""

    def rotate(states, cos, sin):
        half = states.shape[-1] // 2
        cos, sin = cos[:, None, :, :half], sin[:, None, :, :half]
        even, odd = states[..., 0::2], states[..., 1::2]
        return torch.stack((even * cos - odd * sin, odd * cos + even * sin), -1).flatten(-2)

    rotated = lambda q, k, cos, sin: (rotate(q, cos, sin), rotate(k, cos, sin))  # noqa: E731
    return lambda model, stack: stack.enter_context(patch(f"{module}.apply_rotary_pos_emb", rotated))


def activation(function):
    def mutate(model, stack):
        for layer in model.model.layers:
            layer.mlp.act_fn = function

    return mutate


def swapped_gate(model, stack):
    for layer in model.model.layers:
        layer.mlp.gate_proj, layer.mlp.up_proj = layer.mlp.up_proj, layer.mlp.gate_proj


def epsilon(value):
    def mutate(model, stack):
        for module in model.modules():
            for name in ("variance_epsilon", "eps"):
                if hasattr(module, name):
                    setattr(module, name, value)

    return mutate


def with_rope(rotary_class, **changes):
    """Another rope_parameters dictionary; a value of None takes the key away."""

    def mutate(model, stack):
        config = copy.deepcopy(model.config)
        rope = config.rope_parameters | changes
        config.rope_parameters = {key: value for key, value in rope.items() if value is not None}
        model.model.rotary_emb = rotary_class(config)

    return mutate


def head_from_embedding(model, stack):
    model.lm_head.weight = nn.Parameter(model.model.embed_tokens.weight.clone())


def with_config(**changes):
    """Another value of config keys that are read in every forward pass."""

    def mutate(model, stack):
        for key, value in changes.items():
            setattr(model.config, key, value)

    return mutate


def without_modules(*names):
    """Modules of every layer, by their names, become the identity."""

    def mutate(model, stack):
        for layer in model.model.layers:
            for name in names:
                parent, _, last = name.rpartition(".")
                setattr(layer.get_submodule(parent), last, nn.Identity())

    return mutate


def swapped_layer_types(model, stack):
    """Layers that slide see everything, and the others slide."""
    other = {"full_attention": "sliding_attention", "sliding_attention": "full_attention"}
    model.config.layer_types = [other[kind] for kind in model.config.layer_types]


# ---- a relative's cases ----------------------------------------------------------------------------------------------


@dataclass
class Case:
    seed: int
    config: dict
    omit: tuple = ()  # keys that files lack, to be read as their documented defaults
    dtype: torch.dtype = torch.float32
    length: int = 75
    attentions: bool = True
    adjusted: dict = field(default_factory=dict)
    stored_head: bool = False  # the tied head is stored as well


@dataclass
class Family:
    here: Path
    config_class: type
    model_class: type
    module: str
    defaults: dict  # of config.json
    mechanisms: object  # function of (case, model): a dictionary
    neutral: float = 1.0  # a norm's weight that changes nothing


def config_of(family, case):
    defaults = {
        "architectures": [family.model_class.__name__],
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "initializer_range": 0.02,
        "max_position_embeddings": 128,
        "model_type": family.config_class.model_type,
        "num_hidden_layers": 2,
        "rms_norm_eps": 0.01,
        "tie_word_embeddings": False,
        "torch_dtype": str(case.dtype).removeprefix("torch."),
        "transformers_version": "4.51.0",
        "use_cache": True,
        "vocab_size": VOCABULARY,
    }
    config = defaults | family.defaults | case.config
    return {key: value for key, value in sorted(config.items()) if key not in case.omit}


def shared_mechanisms(family, model):
    """What is true of every decoder with gates, rotation and grouped heads."""
    config = model.config
    table = {
        "rope: pairs": interleaved_rotation(family.module),
        "scale": without_scale,
        "gate and up": swapped_gate,
        "activation: relu": activation(nn.ReLU()),
        "epsilon": epsilon(1e-6),
    }
    if 1 < config.num_key_value_heads < config.num_attention_heads:
        table["grouped heads"] = wrong_grouping(family.module)
    if not config.tie_word_embeddings:
        table["own head"] = head_from_embedding
    return table


def make(family, name, case):
    folder = common.fresh_folder(family.here / name)
    config = config_of(family, case)
    model = family.model_class(family.config_class.from_dict(copy.deepcopy(config)))
    common.redraw(model, case.seed, case.adjusted)
    state = model.state_dict()
    if model.config.tie_word_embeddings and not case.stored_head:
        state = common.untied(state, "lm_head.weight")
    common.save_weights(folder, {key: value.to(case.dtype) for key, value in state.items()})
    common.save_config(folder, config)
    model = common.load(family.model_class, folder)
    common.record(
        common.Recording(
            folder,
            model,
            VOCABULARY,
            mechanisms=shared_mechanisms(family, model)
            | family.mechanisms(case, model)
            | common.leave_out_vectors(model, family.neutral),
            seed=case.seed,
            length=case.length,
            attentions=case.attentions,
        )
    )


def main(family, cases, chosen):
    for name in chosen or cases:
        make(family, name, cases[name])
