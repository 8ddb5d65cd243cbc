"""Tiny Pegasus models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from transformers import PegasusConfig, PegasusForConditionalGeneration

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import bart_like  # noqa: E402
from bart_like import Case  # noqa: E402

FAMILY = bart_like.Family(
    HERE,
    PegasusConfig,
    PegasusForConditionalGeneration,
    computed=("embed_positions.weight",),
    config={"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0, "bos_token_id": None},
)
CASES = {
    # google/pegasus-xsum as it lies on the hub
    "hub": Case(
        101,
        {"scale_embedding": True, "activation_function": "relu"},
        older=True,
        adjusted={"shared": (1.0, 0.0)},
        older_keys={"normalize_before": True, "normalize_embedding": False, "add_bias_logits": False,
                    "add_final_layer_norm": True, "static_position_embeddings": True, "extra_pos_embeddings": 1,
                    "force_bos_token_to_be_generated": False},
    ),
    "unscaled": Case(102, {"encoder_layers": 1, "decoder_layers": 2}, prefix=False),
    "base": Case(103, {}, "PegasusModel", prefix=False),
}

if __name__ == "__main__":
    bart_like.main(FAMILY, CASES)
