"""The golden models that write text, as transformers reads them, and a tokenizer where their file has one."""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
sys.path.insert(0, str(GOLDEN))

import common  # noqa: E402
import gguf_reading  # noqa: E402


INPUTS = {"input_ids": "input_ids", "decoder_ids": "decoder_input_ids", "token_type_ids": "token_type_ids"}


def load(name):
    """The model of tests/golden/`name`, which has to give the recorded logits."""
    folder = GOLDEN / name
    model = read(folder)
    golden = load_file(folder / "golden.safetensors")
    logits = model(**{INPUTS[key]: tensor for key, tensor in golden.items() if key in INPUTS}).logits[0]
    change = common.relative_change(logits, golden["logits"])
    common.check(change < common.TOLERANCE, f"{name} is read otherwise")
    return model


def read(folder):
    file = folder / "model.gguf"
    if file.exists():
        return gguf_reading.read_model(file)
    config = transformers.AutoConfig.from_pretrained(folder)
    kind = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    model = common.load(kind, folder)
    if json.loads((folder / "config.json").read_text()).get("tie_word_embeddings") is False:
        model.config.tie_word_embeddings = False  # transformers 5 takes it for true in UMT5, and scales by it
    return model


def tokenizer(name):
    """Of a GGUF file; none of a folder, for golden folders have none."""
    file = GOLDEN / name / "model.gguf"
    if not file.exists():
        return None
    metadata, _ = gguf_reading.open_file(file)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=gguf_reading.read_tokenizer(metadata))


def text_across(tokenizer, first, second):
    """The last character of a token and the first one of the next; none where one of them is not plain text."""
    texts = [tokenizer.decode([token], skip_special_tokens=True) for token in (first, second)]
    return texts[0][-1] + texts[1][0] if all(text and text.isascii() for text in texts) else None


def next_logits(model, prompt, ids):
    """What follows the new tokens `ids`: [vocabulary]."""
    given = torch.tensor([prompt])
    if not model.config.is_encoder_decoder:
        return common.logits_of(model, prompt + ids)[-1]
    target = torch.tensor([[model.generation_config.decoder_start_token_id] + ids])
    return model(input_ids=given, decoder_input_ids=target, use_cache=False).logits[0, -1]
