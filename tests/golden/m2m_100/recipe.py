"""Tiny M2M100 models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from transformers import M2M100Config, M2M100ForConditionalGeneration

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import bart_like  # noqa: E402
from bart_like import Case  # noqa: E402

FAMILY = bart_like.Family(HERE, M2M100Config, M2M100ForConditionalGeneration, pad=1)
CASES = {
    # facebook/nllb-200-distilled-600M and facebook/m2m100_418M
    "hub": Case(71, {"scale_embedding": True}, older=True, adjusted={"shared": (1.0, 0.0)}),
    "unscaled": Case(72, {"scale_embedding": False, "activation_function": "gelu", "d_model": 36, "encoder_layers": 1,
                          "decoder_layers": 2}),
    "base": Case(73, {"d_model": 36}, "M2M100Model", prefix=False),
}

if __name__ == "__main__":
    bart_like.main(FAMILY, CASES)
