"""Tiny Gemma 3 models and what transformers computes with them. Run: python recipe.py [case ...]"""

import copy
import sys
from pathlib import Path

import torch
from torch import nn
from transformers import Gemma3ForCausalLM, Gemma3TextConfig
from transformers.models.gemma3.modeling_gemma3 import Gemma3RotaryEmbedding

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import decoders  # noqa: E402
from decoders import Case  # noqa: E402

# Norms keep their weight less 1. Embeddings are multiplied by sqrt(hidden_size), so they are drawn smaller: else a tied
# head would say the last token again and again.
AROUND_ONE = {"norm.weight": (1.0, -1.0), "embed_tokens": (0.3, 0.0)} | decoders.SHARP_HEADS
# The forms of GELU differ by less than 5e-4, and relatively most where the input is near -2.5. No bias puts it there, so
# embeddings have a common part, which the gate's rows turn negative.
AROUND_GELU = AROUND_ONE | {"embed_tokens": (1.0, 0.7), "gate_proj": (0.3, -0.09)}


def without_position(kind):
    return lambda model, stack: getattr(model.model.rotary_emb, f"{kind}_inv_freq").zero_()


def with_rope(kind, **changes):
    def mutate(model, stack):
        config = copy.deepcopy(model.config)
        config.rope_parameters[kind] = config.rope_parameters[kind] | changes
        model.model.rotary_emb = Gemma3RotaryEmbedding(config)

    return mutate


def embedding_scale(factor):
    return lambda model, stack: model.model.embed_tokens.embed_scale.fill_(factor)


def scale_of_heads(model, stack):
    """1 / sqrt(head_dim) in the place of 1 / sqrt(query_pre_attn_scalar)."""
    for layer in model.model.layers:
        layer.self_attn.scaling = model.config.head_dim**-0.5


def weight_as_it_is(model, stack):
    """Norms by their weight instead of 1 + weight."""
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight"):
            parameter.sub_(1.0)


def mechanisms(case, model):
    table = {
        "embedding scale": embedding_scale(1.0),
        "1 + weight": weight_as_it_is,
        "norm of query heads": decoders.without_modules("self_attn.q_norm"),
        "norm of key heads": decoders.without_modules("self_attn.k_norm"),
        "norm after attention": decoders.without_modules("post_attention_layernorm"),
        "norm after feed-forward": decoders.without_modules("post_feedforward_layernorm"),
        "scale of heads": scale_of_heads,
    }
    kinds = set(model.config.layer_types)
    for kind in sorted(kinds):
        table[f"position of {kind}"] = without_position(kind)
        table[f"rope: theta of {kind}"] = with_rope(kind, rope_theta=77.0)
    if "sliding_attention" in kinds:
        window = model.config.sliding_window
        table["window"] = decoders.with_config(sliding_window=1000)
        table["window: one token less"] = decoders.with_config(sliding_window=window - 1)
    if "full_attention" in kinds:
        table["mask"] = decoders.without_mask(FAMILY.module)
    if len(kinds) == 2:
        table["window: other layers"] = decoders.swapped_layer_types
    if model.config.rope_parameters["full_attention"]["rope_type"] != "default":
        table["rope: scaling"] = with_rope("full_attention", rope_type="default")
    if case.adjusted is AROUND_GELU:
        table["activation: gelu"] = decoders.activation(nn.GELU())
    if model.config.final_logit_softcapping:
        table["softcap"] = decoders.with_config(final_logit_softcapping=None)
    return table


FAMILY = decoders.Family(
    HERE,
    Gemma3TextConfig,
    Gemma3ForCausalLM,
    "transformers.models.gemma3.modeling_gemma3",
    {
        "attention_bias": False,
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
        "head_dim": 12,
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": 36,
        "intermediate_size": 52,
        "num_attention_heads": 3,
        "num_hidden_layers": 3,
        "num_key_value_heads": 1,
        "pad_token_id": 0,
        "query_pre_attn_scalar": 24,
        "rope_local_base_freq": 100.0,
        "rope_scaling": None,
        "rope_theta": 1000.0,
        "sliding_window": 13,
        "sliding_window_pattern": 2,
        "tie_word_embeddings": True,
    },
    mechanisms,
    neutral=0.0,
)
NEVER = ("hidden_act",)
CASES = {
    # gemma-3-1b's config in the words of its time
    "hub": Case(
        91,
        {"cache_implementation": "hybrid"},
        omit=NEVER + ("tie_word_embeddings",),
        adjusted=AROUND_ONE,
    ),
    # more layers than the pattern of six, a linear scaling of the global frequencies; heads wider than hidden_size
    "pattern": Case(
        92,
        {
            "hidden_size": 30,
            "head_dim": 16,
            "num_attention_heads": 2,
            "num_hidden_layers": 8,
            "intermediate_size": 44,
            "rope_scaling": {"rope_type": "linear", "factor": 8.0},
            "query_pre_attn_scalar": 7,
        },
        omit=NEVER + ("sliding_window_pattern",),
        dtype=torch.bfloat16,
        adjusted=AROUND_ONE,
        attentions=False,
    ),
    # gemma-3-270m's: layer types one by one; logits capped, a head of its own, biases
    "capped": Case(
        93,
        {
            "_sliding_window_pattern": 6,
            "attention_bias": True,
            "final_logit_softcapping": 9.0,
            "layer_types": ["full_attention", "sliding_attention", "sliding_attention"],
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "tie_word_embeddings": False,
            "use_bidirectional_attention": False,
        },
        omit=NEVER + ("sliding_window_pattern",),
        adjusted=AROUND_GELU,
        length=67,
        attentions=False,
    ),
    # rope_parameters by the type of layer; frequencies where the config says nothing
    "rope_parameters": Case(
        94,
        {
            "rope_parameters": {
                "full_attention": {"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0,
                                   "high_freq_factor": 4.0, "original_max_position_embeddings": 32},
                "sliding_attention": {"rope_type": "default"},
            },
            "hidden_activation": "silu",
        },
        omit=NEVER + ("rope_scaling", "rope_theta", "rope_local_base_freq"),
        adjusted=AROUND_ONE,
        attentions=False,
    ),
}

if __name__ == "__main__":
    decoders.main(FAMILY, CASES, sys.argv[1:])
