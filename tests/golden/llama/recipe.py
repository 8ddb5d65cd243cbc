"""Tiny Llama models and what transformers computes with them. Run: python recipe.py [case ...]"""

import copy
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402
import decoders  # noqa: E402

MODULE = "transformers.models.llama.modeling_llama"
VOCABULARY = decoders.VOCABULARY


@dataclass
class Case:
    seed: int
    config: dict
    rope: dict = field(default_factory=lambda: {"rope_type": "default", "rope_theta": 10000.0})
    older: bool = False  # config.json in the spelling before transformers 5
    omit: tuple = ()  # keys that older files lack, to be read as their documented defaults
    dtype: torch.dtype = torch.float32
    shards: int = 1
    length_dependent: bool = False
    length: int = 75
    attentions: bool = True  # left out where another case shows the same, for the size of the repository


SMALL = {  # three query heads over one key-value head
    "hidden_size": 36,
    "num_attention_heads": 3,
    "num_key_value_heads": 1,
    "head_dim": 12,
    "intermediate_size": 52,
    "num_hidden_layers": 2,
    "tie_word_embeddings": True,
    "rms_norm_eps": 0.01,
}

CASES = {
    # six query heads over two, head_dim not hidden / heads, head not tied
    "default": Case(
        11,
        SMALL
        | {"hidden_size": 48, "num_attention_heads": 6, "num_key_value_heads": 2, "tie_word_embeddings": False},
        length=67,
    ),
    "llama3": Case(
        12,
        SMALL,
        {
            "rope_type": "llama3",
            "rope_theta": 500.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        },
        older=True,
    ),
    "linear": Case(13, SMALL, {"rope_type": "linear", "rope_theta": 1000.0, "factor": 2.5}, attentions=False),
    "yarn": Case(
        14,
        SMALL,
        {
            "rope_type": "yarn",
            "rope_theta": 500.0,
            "factor": 4.0,
            "original_max_position_embeddings": 32,
            "beta_fast": 1.5,
            "beta_slow": 0.5,
        },
        older=True,
    ),
    "yarn_mscale": Case(
        15,
        SMALL,
        {
            "rope_type": "yarn",
            "rope_theta": 500.0,
            "factor": 4.0,
            "original_max_position_embeddings": 32,
            "mscale": 2.0,
            "mscale_all_dim": 0.5,
            "truncate": False,
        },
        attentions=False,
    ),
    "dynamic": Case(
        16,
        SMALL | {"max_position_embeddings": 48},
        {"rope_type": "dynamic", "rope_theta": 500.0, "factor": 3.0},
        length_dependent=True,
        attentions=False,
    ),
    "longrope": Case(
        17,
        SMALL | {"max_position_embeddings": 192},
        {
            "rope_type": "longrope",
            "rope_theta": 500.0,
            "original_max_position_embeddings": 48,
            "short_factor": [1.0, 1.05, 1.1, 1.3, 1.5, 1.8],
            "long_factor": [1.1, 1.5, 2.0, 3.0, 4.5, 6.0],
        },
        older=True,
        length_dependent=True,
    ),
    # every linear layer with a bias, head_dim 20
    "biases": Case(
        18,
        SMALL
        | {"hidden_size": 42, "head_dim": 20, "attention_bias": True, "mlp_bias": True},
    ),
    # the first Llama's config: no key-value heads, no head_dim, no RoPE keys; in three files
    "sharded": Case(
        19,
        SMALL
        | {
            "hidden_size": 40,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "head_dim": 10,
            "intermediate_size": 44,
            "tie_word_embeddings": False,
        },
        older=True,
        omit=("num_key_value_heads", "head_dim", "rope_theta", "rope_scaling", "attention_bias", "mlp_bias"),
        shards=3,
    ),
    "bfloat16": Case(20, SMALL | {"num_hidden_layers": 3}, dtype=torch.bfloat16, attentions=False),
    "float16": Case(
        21,
        SMALL | {"num_hidden_layers": 3, "tie_word_embeddings": False},
        dtype=torch.float16,
        older=True,
        attentions=False,
    ),
}


# ---- config.json in both spellings -----------------------------------------------------------------------------------


def base_config(case):
    defaults = {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "initializer_range": 0.02,
        "max_position_embeddings": 128,
        "mlp_bias": False,
        "model_type": "llama",
        "pretraining_tp": 1,
        "use_cache": True,
        "vocab_size": VOCABULARY,
    }
    return defaults | case.config


def older_config(case):
    """rope_theta beside rope_scaling; yarn says "type", the oldest word for rope_type."""
    rope = copy.deepcopy(case.rope)
    theta = rope.pop("rope_theta")
    if rope["rope_type"] in ("yarn", "linear", "dynamic"):
        rope["type"] = rope.pop("rope_type")
    scaling = None if rope == {"rope_type": "default"} else rope
    config = base_config(case) | {
        "rope_scaling": scaling,
        "rope_theta": theta,
        "torch_dtype": str(case.dtype).removeprefix("torch."),
        "transformers_version": "4.44.2",
    }
    return {key: value for key, value in sorted(config.items()) if key not in case.omit}


def newer_config(case):
    config = base_config(case) | {
        "dtype": str(case.dtype).removeprefix("torch."),
        "pad_token_id": None,
        "rope_parameters": copy.deepcopy(case.rope),
        "transformers_version": "5.23.0",
    }
    return dict(sorted(config.items()))


# ---- mechanisms that must show in the logits -------------------------------------------------------------------------


def with_rope(**changes):
    return decoders.with_rope(LlamaRotaryEmbedding, **changes)


def default_rope(model, stack):
    theta = model.config.rope_parameters["rope_theta"]
    config = copy.deepcopy(model.config)
    config.rope_parameters = {"rope_type": "default", "rope_theta": theta}
    model.model.rotary_emb = LlamaRotaryEmbedding(config)


def llama3_without_smoothing(model, stack):
    """Wavelengths between the two borders keep their frequency."""
    rope = model.config.rope_parameters
    head_dim = model.config.head_dim
    frequency = 1.0 / (rope["rope_theta"] ** (torch.arange(0, head_dim, 2).float() / head_dim))
    long_wave = 2 * math.pi / frequency > rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    model.model.rotary_emb.inv_freq.copy_(torch.where(long_wave, frequency / rope["factor"], frequency))


ROPE_MECHANISMS = {
    "llama3": {"rope: smoothing": llama3_without_smoothing},
    "yarn": {
        "rope: attention factor": with_rope(attention_factor=1.0),
        "rope: ramp": with_rope(beta_fast=1000.0, beta_slow=999.0),
    },
    "longrope": {
        "rope: attention factor": with_rope(attention_factor=1.0),
        "rope: long factors": with_rope(original_max_position_embeddings=1000, attention_factor=1.181),
    },
}


def mechanisms(case, config):
    table = {
        "position": decoders.without_position,
        "rope: pairs": decoders.interleaved_rotation(MODULE),
        "rope: theta": with_rope(rope_theta=300.0),
        "scale": decoders.without_scale,
        "mask": decoders.without_mask(MODULE),
        "activation: relu": decoders.activation(nn.ReLU()),
        "activation: gelu": decoders.activation(nn.GELU()),
        "gate and up": decoders.swapped_gate,
        "epsilon": decoders.epsilon(1e-6),
    }
    if 1 < config["num_key_value_heads"] < config["num_attention_heads"]:
        table["grouped heads"] = decoders.wrong_grouping(MODULE)
    if not config["tie_word_embeddings"]:
        table["own head"] = decoders.head_from_embedding
    if case.rope["rope_type"] != "default":
        table["rope: scaling"] = default_rope
        table |= ROPE_MECHANISMS.get(case.rope["rope_type"], {})
    if "mscale" in case.rope:
        table["rope: mscale"] = with_rope(mscale=None)
        table["rope: truncate"] = with_rope(truncate=True)
        del table["rope: ramp"]
    if "beta_fast" in case.rope:
        table["rope: beta_fast"] = with_rope(beta_fast=None)
        table["rope: beta_slow"] = with_rope(beta_slow=None)
    return table


# ---- one case --------------------------------------------------------------------------------------------------------


def make(name, case):
    folder = common.fresh_folder(HERE / name)
    config = base_config(case)
    spellings = [older_config(case), newer_config(case)]
    if not case.older:
        spellings.reverse()
    model = LlamaForCausalLM(LlamaConfig.from_dict(copy.deepcopy(newer_config(case))))
    common.redraw(model, case.seed)
    state = model.state_dict()
    if config["tie_word_embeddings"]:
        state = common.untied(state, "lm_head.weight")
    common.save_weights(folder, {key: value.to(case.dtype) for key, value in state.items()}, case.shards)

    ids = common.draw_ids(case.length, VOCABULARY, case.seed)
    logits = []
    for spelling in reversed(spellings):
        common.save_config(folder, spelling)
        model = common.load(LlamaForCausalLM, folder)
        logits.append(common.logits_of(copy.deepcopy(model), ids))
    common.check(torch.equal(*logits), f"{name}: the two spellings of the config mean different models")
    if case.rope["rope_type"] != "default":
        common.save_json(folder / "config.other.json", spellings[1])

    common.record(
        common.Recording(
            folder,
            model,
            VOCABULARY,
            mechanisms=mechanisms(case, config) | common.leave_out_vectors(model),
            seed=case.seed,
            length=case.length,
            length_dependent=case.length_dependent,
            hold_frequencies=decoders.hold_frequencies,
            attentions=case.attentions,
        )
    )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        make(chosen, CASES[chosen])
