"""opus-mt-en-de's shape with random weights: https://huggingface.co/Helsinki-NLP/opus-mt-en-de. Without a vocabulary: it
reads and writes ids."""

from pathlib import Path

SEED = 1
SPREAD = 0.05
# Keys and queries are larger, so that attention chooses, and what a block adds is smaller: else one token follows all.
# Much more of it makes a chaos in which the last bits of f32 decide.
FACTORS = {"q_proj": 2.0, "k_proj": 2.0, "out_proj": 0.5, "fc2": 0.5}
END, PADDING = 0, 58100


def write(source: Path, target: Path) -> None:
    import torch
    import transformers

    torch.manual_seed(SEED)
    config = transformers.MarianConfig(
        vocab_size=58101, d_model=512, encoder_layers=6, decoder_layers=6, encoder_ffn_dim=2048, decoder_ffn_dim=2048,
        encoder_attention_heads=8, decoder_attention_heads=8, activation_function="swish", scale_embedding=True,
        max_position_embeddings=512, pad_token_id=PADDING, eos_token_id=END, decoder_start_token_id=PADDING,
        forced_eos_token_id=None, init_std=SPREAD)  # fmt: skip
    model = transformers.MarianMTModel(config)
    for name, module in model.named_modules():
        module_name = name.rsplit(".", 1)[-1]
        if module_name in FACTORS:
            module.weight.data *= FACTORS[module_name]
    model.save_pretrained(target)
