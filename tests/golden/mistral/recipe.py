"""Tiny Mistral models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

import torch
from transformers import MistralConfig, MistralForCausalLM
from transformers.models.mistral.modeling_mistral import MistralRotaryEmbedding

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import decoders  # noqa: E402
from decoders import Case  # noqa: E402


def mechanisms(case, model):
    table = {
        "position": decoders.without_position,
        "rope: theta": decoders.with_rope(MistralRotaryEmbedding, rope_theta=300.0),
    }
    if model.config.sliding_window is None:
        return table | {"mask": decoders.without_mask(FAMILY.module)}
    window = model.config.sliding_window
    return table | {
        "window": decoders.with_config(sliding_window=None),
        "window: one token less": decoders.with_config(sliding_window=window - 1),
    }


FAMILY = decoders.Family(
    HERE,
    MistralConfig,
    MistralForCausalLM,
    "transformers.models.mistral.modeling_mistral",
    {"hidden_size": 36, "num_attention_heads": 3, "num_key_value_heads": 1, "intermediate_size": 52},
    mechanisms,
)
CASES = {
    # the first Mistral's config: no head_dim; a window shorter than a page and than the prompt
    "window": Case(61, {"rope_theta": 10000.0, "sliding_window": 13}),
    # eight key heads where the config says nothing
    "defaults": Case(
        62,
        {"hidden_size": 48, "num_attention_heads": 8, "head_dim": 8, "sliding_window": 40},
        omit=("num_key_value_heads", "rope_theta"),
        length=67,
        attentions=False,
    ),
    # Nemo's: no window, heads smaller than hidden_size / heads; rope_parameters
    "nemo": Case(
        63,
        {
            "hidden_size": 48,
            "num_attention_heads": 6,
            "num_key_value_heads": 2,
            "head_dim": 10,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1000.0},
            "sliding_window": None,
            "num_hidden_layers": 3,
        },
        dtype=torch.bfloat16,
        attentions=False,
    ),
}

if __name__ == "__main__":
    decoders.main(FAMILY, CASES, sys.argv[1:])
