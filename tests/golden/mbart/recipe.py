"""Tiny mBART models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from transformers import MBartConfig, MBartForConditionalGeneration

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import bart_like  # noqa: E402
from bart_like import Case  # noqa: E402

FAMILY = bart_like.Family(HERE, MBartConfig, MBartForConditionalGeneration, shifts=True, padding=1)
CASES = {
    # facebook/mbart-large-50-many-to-many-mmt as it lies on the hub
    "hub": Case(
        91,
        {"scale_embedding": True, "activation_function": "relu"},
        older=True,
        adjusted={"shared": (1.0, 0.0)},
        older_keys={"normalize_before": True, "normalize_embedding": True, "add_bias_logits": False,
                    "add_final_layer_norm": True, "static_position_embeddings": False},
    ),
    "unscaled": Case(92, {"encoder_layers": 1, "decoder_layers": 2, "decoder_start_token_id": 77}, prefix=False),
    "base": Case(93, {}, "MBartModel", prefix=False),
    "sequence_classification": Case(94, {}, "MBartForSequenceClassification"),
    "question_answering": Case(95, {}, "MBartForQuestionAnswering"),
}

if __name__ == "__main__":
    bart_like.main(FAMILY, CASES)
