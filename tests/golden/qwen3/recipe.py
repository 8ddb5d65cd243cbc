"""Tiny Qwen3 models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM
from transformers.models.qwen3.modeling_qwen3 import Qwen3RotaryEmbedding

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import decoders  # noqa: E402
from decoders import SHARP_HEADS, Case  # noqa: E402


def mechanisms(case, model):
    table = {
        "position": decoders.without_position,
        "mask": decoders.without_mask(FAMILY.module),
        "rope: theta": decoders.with_rope(Qwen3RotaryEmbedding, rope_theta=300.0),
        "norm of query heads": decoders.without_modules("self_attn.q_norm"),
        "norm of key heads": decoders.without_modules("self_attn.k_norm"),
    }
    if "sliding_attention" in model.config.layer_types:
        table |= {"window": decoders.with_config(sliding_window=1000), "other layers": decoders.swapped_layer_types}
    return table


FAMILY = decoders.Family(
    HERE,
    Qwen3Config,
    Qwen3ForCausalLM,
    "transformers.models.qwen3.modeling_qwen3",
    {
        "attention_bias": False,
        "head_dim": 20,
        "hidden_size": 36,
        "num_attention_heads": 3,
        "num_key_value_heads": 1,
        "intermediate_size": 52,
        "max_window_layers": 36,
        "rope_scaling": None,
        "rope_theta": 1000.0,
        "sliding_window": None,
        "use_sliding_window": False,
    },
    mechanisms,
)
CASES = {
    # Qwen3-0.6B's config: a tied head, heads together wider than hidden_size
    "hub": Case(
        81,
        {"hidden_size": 48, "num_attention_heads": 6, "num_key_value_heads": 2, "tie_word_embeddings": True},
        adjusted=SHARP_HEADS,
    ),
    # biases of q, k, v and o
    "biases": Case(82, {"attention_bias": True, "head_dim": 14}, dtype=torch.float16, attentions=False, adjusted=SHARP_HEADS),
    # layers from the second on see 9 tokens; head_dim 128 where the config says nothing
    "window": Case(
        83,
        {
            "hidden_size": 30,
            "intermediate_size": 40,
            "use_sliding_window": True,
            "sliding_window": 9,
            "max_window_layers": 1,
            "num_attention_heads": 1,
        },
        omit=("head_dim", "rope_scaling", "rope_theta"),
        dtype=torch.bfloat16,
        length=67,
        attentions=False,
        adjusted=SHARP_HEADS,
    ),
}

if __name__ == "__main__":
    decoders.main(FAMILY, CASES, sys.argv[1:])
