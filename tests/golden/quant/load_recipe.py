"""Small models whose matrices are quantized while they are loaded, and what transformers computes with the weights that
this leaves.

Run: python load_recipe.py. Writes for each architecture a folder with config.json, model.safetensors (as it is before)
and quantized.safetensors: `input_ids`, where it has them `decoder_ids`, and `q8.logits` and `q4.logits` of the model
whose matrices the gguf package has quantized to Q8_0 and Q4_1 and back; tables of embeddings to Q8_0 in both. A matrix
whose inner size is no multiple of 32 stays as it is; each model has one.
"""

import copy
import sys
from pathlib import Path

import gguf
import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402

VOCABULARY = 75
TYPES = {"q8": gguf.GGMLQuantizationType.Q8_0, "q4": gguf.GGMLQuantizationType.Q4_1}
SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


def llama():
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=64, intermediate_size=44, num_hidden_layers=1, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=True, **SPECIAL,
    )  # fmt: skip
    return LlamaForCausalLM(config), torch.bfloat16


def gpt2():
    """Its matrices lie in the file as [inner, outputs]; q, k and v are cut out of one. The odd inner size is that of
    mlp.c_proj."""
    config = GPT2Config(
        vocab_size=VOCABULARY, n_embd=32, n_head=4, n_layer=1, n_inner=72, n_positions=64, bos_token_id=1, eos_token_id=2
    )
    return GPT2LMHeadModel(config), torch.float32


def bert():
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=40, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=64, pad_token_id=0,
    )  # fmt: skip
    return BertForMaskedLM(config), torch.float16


def t5():
    config = T5Config(
        vocab_size=VOCABULARY, d_model=32, d_kv=12, d_ff=64, num_layers=1, num_decoder_layers=1, num_heads=3,
        relative_attention_num_buckets=32, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
    )  # fmt: skip
    return T5ForConditionalGeneration(config), torch.float32


ARCHITECTURES = {"llama": llama, "gpt2": gpt2, "bert": bert, "t5": t5}


TABLES = ("embed", "wte", "wpe", "shared")


def lies_transposed(name):
    return any(part in name for part in ("c_attn.weight", "c_proj.weight", "c_fc.weight"))


def quantized(model, kind):
    """A copy, each matrix that is multiplied with or looked up in quantized along its inner size and back."""
    model = copy.deepcopy(model)
    count = 0
    for name, parameter in model.named_parameters():
        matrix = parameter.T if lies_transposed(name) else parameter
        if parameter.dim() != 2 or matrix.shape[1] % 32 != 0 or "relative_attention_bias" in name:
            continue
        stored = TYPES["q8"] if any(part in name for part in TABLES) else kind
        blocks = gguf.quants.quantize(matrix.contiguous().numpy(), stored)
        values = torch.from_numpy(gguf.quants.dequantize(blocks, stored))
        parameter.copy_(values.T if lies_transposed(name) else values)
        count += 1
    model.tie_weights()
    return model, count


def make(name, seed):
    model, dtype = ARCHITECTURES[name]()
    model.config._attn_implementation = "eager"
    common.redraw(model, seed)
    folder = common.fresh_folder(HERE / name)
    state = {key: value.to(dtype) for key, value in model.state_dict().items()}
    tied = {"lm_head.weight", "cls.predictions.decoder.weight", "cls.predictions.decoder.bias"}
    tied |= {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"}
    common.save_weights(folder, {key: value for key, value in state.items() if key not in tied})
    model.config.architectures = [type(model).__name__]
    common.save_config(folder, {"model_type": model.config.model_type, **model.config.to_diff_dict()})
    model = common.load(type(model), folder)

    inputs = {"input_ids": torch.tensor([common.draw_ids(40, VOCABULARY, seed)])}
    if model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = torch.tensor([common.draw_ids(17, VOCABULARY, seed + 1)])
    recorded = {key.replace("decoder_input_ids", "decoder_ids"): value for key, value in inputs.items()}
    plain = model(**inputs).logits
    for word, kind in TYPES.items():
        changed, count = quantized(model, kind)
        recorded[f"{word}.logits"] = changed(**inputs).logits[0].contiguous()
        change = common.relative_change(recorded[f"{word}.logits"], plain[0])
        print(f"{name}: {word} of {count} matrices moves the logits by {change:.1e}")
        common.check(change > common.SENSITIVITY_FACTOR * common.TOLERANCE, "quantizing does not show")
    save_file(recorded, folder / "quantized.safetensors")


if __name__ == "__main__":
    for number, architecture in enumerate(ARCHITECTURES):
        make(architecture, 80 + number)
