"""An encoder as a PyTorch module that tracers understand: transformers' way from masks of tokens to masks of attention
depends on shapes, so the module makes the mask by itself."""

from pathlib import Path


def traceable_encoder(folder: Path, attention: str):
    """`attention` is transformers' name of an implementation. Inputs: ids and mask, [texts, tokens]."""
    import torch
    import transformers

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            how = {"dtype": torch.float32, "attn_implementation": attention}
            self.encoder = transformers.AutoModel.from_pretrained(folder, **how).eval()

        def forward(self, input_ids, attention_mask):
            hidden = 1.0 - attention_mask[:, None, None, :].to(torch.float32)
            added = hidden * torch.finfo(torch.float32).min
            return self.encoder(input_ids=input_ids, attention_mask=added).last_hidden_state

    return Module()
