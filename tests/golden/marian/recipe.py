"""Tiny Marian models and what transformers computes with them. Run: python recipe.py [case ...]"""

import sys
from pathlib import Path

from transformers import MarianConfig, MarianMTModel

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import bart_like  # noqa: E402
from bart_like import VOCABULARY, Case  # noqa: E402

PAD = VOCABULARY - 1
FAMILY = bart_like.Family(
    HERE,
    MarianConfig,
    MarianMTModel,
    adjusted=bart_like.QUIET,
    computed=("embed_positions.weight",),
    config={"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": PAD, "decoder_start_token_id": PAD,
            "scale_embedding": True, "activation_function": "swish"},
)
CASES = {
    # Helsinki-NLP/opus-mt-en-de as it lies on the hub; the stored positions are others than the computed ones
    "hub": Case(
        81,
        {},
        older=True,
        torch_file=True,
        adjusted={"shared": (2.0, 0.0)},
        older_keys={"normalize_before": False, "normalize_embedding": False, "add_bias_logits": False,
                    "add_final_layer_norm": False, "static_position_embeddings": True},
        generate={"bad_words_ids": [[PAD]], "bos_token_id": 0, "decoder_start_token_id": PAD, "eos_token_id": 0,
                  "forced_eos_token_id": 0, "max_length": 512, "num_beams": 4, "pad_token_id": PAD},
    ),
    # a vocabulary for each side
    "separate": Case(82, {"share_encoder_decoder_embeddings": False, "vocab_size": 93, "pad_token_id": 92,
                          "decoder_start_token_id": 92, "decoder_vocab_size": 117, "encoder_layers": 1,
                          "decoder_layers": 2}, adjusted={"embed_tokens": (1.0, 0.0)}),
    "base": Case(83, {"scale_embedding": False}, "MarianModel", prefix=False),
}

if __name__ == "__main__":
    bart_like.main(FAMILY, CASES)
