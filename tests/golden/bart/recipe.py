"""Tiny BART models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from transformers import BartConfig, BartForConditionalGeneration

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import bart_like  # noqa: E402
from bart_like import Case  # noqa: E402

CASES = {
    # facebook/bart-large-cnn as it lies on the hub
    "hub": Case(
        51,
        {"decoder_layers": 1},
        older=True,
        older_keys={"normalize_before": False, "normalize_embedding": True, "add_bias_logits": False,
                    "add_final_layer_norm": False, "static_position_embeddings": False, "extra_pos_embeddings": 2},
    ),
    "scaled": Case(52, {"scale_embedding": True, "activation_function": "relu", "encoder_layers": 3}, prefix=False,
                   adjusted={"shared": (2.0, 0.0)}),
}

if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        bart_like.make(HERE / chosen, CASES[chosen], BartConfig, BartForConditionalGeneration,
                       adjusted=bart_like.QUIET)
