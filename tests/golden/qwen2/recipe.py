"""Tiny Qwen2 models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import decoders  # noqa: E402
from decoders import Case  # noqa: E402


def mechanisms(case, model):
    table = {
        "position": decoders.without_position,
        "mask": decoders.without_mask(FAMILY.module),
        "rope: theta": decoders.with_rope(Qwen2RotaryEmbedding, rope_theta=300.0),
    }
    if "sliding_attention" not in model.config.layer_types:
        return table
    window = model.config.sliding_window
    return table | {
        "window": decoders.with_config(sliding_window=1000),
        "window: one token less": decoders.with_config(sliding_window=window - 1),
        "window: other layers": decoders.swapped_layer_types,
    }


FAMILY = decoders.Family(
    HERE,
    Qwen2Config,
    Qwen2ForCausalLM,
    "transformers.models.qwen2.modeling_qwen2",
    {
        "hidden_size": 36,
        "num_attention_heads": 3,
        "num_key_value_heads": 1,
        "intermediate_size": 52,
        "max_window_layers": 28,
        "rope_theta": 1000000.0,
        "sliding_window": 32768,
        "use_sliding_window": False,
        "rope_scaling": None,
    },
    mechanisms,
)
CASES = {
    # Qwen2.5's config, with a head of its own
    "hub": Case(71, {"hidden_size": 48, "num_attention_heads": 6, "num_key_value_heads": 2, "use_mrope": False}),
    # Qwen2-0.5B's: a tied head; yarn as Qwen2.5's cards describe it
    "tied": Case(
        72,
        {
            "tie_word_embeddings": True,
            "rope_theta": 500.0,
            "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32},
        },
        dtype=torch.bfloat16,
        attentions=False,
    ),
    # layers from the second on see 11 tokens
    "window": Case(
        73,
        {"use_sliding_window": True, "sliding_window": 11, "max_window_layers": 1, "num_hidden_layers": 3},
        omit=("rope_theta",),
    ),
    # the layers that see 20 tokens named one by one, against max_window_layers; a tied head that is stored as well
    "layer_types": Case(
        74,
        {
            "use_sliding_window": True,
            "sliding_window": 20,
            "max_window_layers": 3,
            "num_hidden_layers": 3,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
            "tie_word_embeddings": True,
        },
        length=67,
        attentions=False,
        stored_head=True,
    ),
}

if __name__ == "__main__":
    decoders.main(FAMILY, CASES, sys.argv[1:])
