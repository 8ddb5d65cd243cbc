"""A GGUF file as a Hugging Face folder with the same weights in f32, for engines that read such folders."""

from pathlib import Path


def write(source: Path, target: Path) -> None:
    import torch
    import transformers

    where = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name}
    model = transformers.AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    model.save_pretrained(target)
    transformers.AutoTokenizer.from_pretrained(**where).save_pretrained(target)
    # A copy of the GGUF file, which is no tokenizer.model.
    (target / "tokenizer.model").unlink(missing_ok=True)
