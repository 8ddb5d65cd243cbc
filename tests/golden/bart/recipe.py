"""Tiny BART models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from transformers import BartConfig, BartForConditionalGeneration

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import bart_like  # noqa: E402
from bart_like import Case  # noqa: E402

FAMILY = bart_like.Family(
    HERE, BartConfig, BartForConditionalGeneration, adjusted=bart_like.QUIET, shifts=True
)
CASES = {
    # facebook/bart-large-cnn as it lies on the hub
    "hub": Case(
        51,
        {},
        older=True,
        older_keys={"normalize_before": False, "normalize_embedding": True, "add_bias_logits": False,
                    "add_final_layer_norm": False, "static_position_embeddings": False, "extra_pos_embeddings": 2},
    ),
    "scaled": Case(58, {"scale_embedding": True, "activation_function": "relu", "encoder_layers": 1,
                        "decoder_layers": 2}, prefix=False, adjusted={"shared": (2.0, 0.0)}),
    "own_tables": Case(53, {}, own_tables=True),
    # facebook/bart-base
    "base": Case(54, {}, "BartModel", older=True, prefix=False),
    # facebook/bart-large-mnli
    "sequence_classification": Case(55, {}, "BartForSequenceClassification"),
    "question_answering": Case(56, {}, "BartForQuestionAnswering"),
}

if __name__ == "__main__":
    bart_like.main(FAMILY, CASES)
