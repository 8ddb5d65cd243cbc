"""A GGUF file as a transformers model: weights dequantized to float32 by the gguf package, names and rows put back.

Names and the permutation of query and key rows follow llama.cpp's converter
(https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py): GGUF pairs rotated rows (0, 1), (2, 3), ...
where transformers pairs (0, d/2), (1, d/2 + 1), ...
"""

import gguf
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

LLAMA_NAMES = {
    "attn_norm.weight": "input_layernorm.weight",
    "attn_q.weight": "self_attn.q_proj.weight",
    "attn_k.weight": "self_attn.k_proj.weight",
    "attn_v.weight": "self_attn.v_proj.weight",
    "attn_output.weight": "self_attn.o_proj.weight",
    "ffn_norm.weight": "post_attention_layernorm.weight",
    "ffn_gate.weight": "mlp.gate_proj.weight",
    "ffn_up.weight": "mlp.up_proj.weight",
    "ffn_down.weight": "mlp.down_proj.weight",
}
GPT2_NAMES = {
    "attn_norm": "ln_1",
    "attn_qkv": "attn.c_attn",
    "attn_output": "attn.c_proj",
    "ffn_norm": "ln_2",
    "ffn_up": "mlp.c_fc",
    "ffn_down": "mlp.c_proj",
}


def pair_neighbours(rows, heads):
    """From transformers' row order to GGUF's."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, 2, half, -1).transpose(1, 2).reshape(rows.shape)


def pair_halves(rows, heads):
    """From GGUF's row order to transformers'."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).transpose(1, 2).reshape(rows.shape)


def open_file(path):
    """Metadata as a dictionary and tensors by name, in float32."""
    reader = gguf.GGUFReader(path)
    metadata = {name: value.contents() for name, value in reader.fields.items()}
    tensors = {
        tensor.name: torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype("float32"))
        for tensor in reader.tensors
    }
    return metadata, tensors


def llama_config(metadata, tensors):
    value = {key.removeprefix("llama."): value for key, value in metadata.items() if key.startswith("llama.")}
    rope = {"rope_type": "default", "rope_theta": value["rope.freq_base"]}
    if "rope.scaling.type" in value:
        rope |= {"rope_type": value["rope.scaling.type"], "factor": value["rope.scaling.factor"]}
    heads = value["attention.head_count"]
    return LlamaConfig(
        vocab_size=value["vocab_size"],
        hidden_size=value["embedding_length"],
        intermediate_size=value["feed_forward_length"],
        num_hidden_layers=value["block_count"],
        num_attention_heads=heads,
        num_key_value_heads=value["attention.head_count_kv"],
        head_dim=value.get("attention.key_length", value["embedding_length"] // heads),
        max_position_embeddings=value["context_length"],
        rms_norm_eps=value["attention.layer_norm_rms_epsilon"],
        rope_parameters=rope,
        tie_word_embeddings="output.weight" not in tensors,
        bos_token_id=metadata["tokenizer.ggml.bos_token_id"],
        eos_token_id=metadata["tokenizer.ggml.eos_token_id"],
    )


def read_llama(path, unpermute=pair_halves):
    metadata, tensors = open_file(path)
    config = llama_config(metadata, tensors)
    frequency_divisors = tensors.pop("rope_freqs.weight", None)
    state = {
        "model.embed_tokens.weight": tensors.pop("token_embd.weight"),
        "model.norm.weight": tensors.pop("output_norm.weight"),
    }
    state["lm_head.weight"] = tensors.pop("output.weight", state["model.embed_tokens.weight"])
    for name, tensor in tensors.items():
        _, layer, part = name.split(".", 2)
        if part == "attn_q.weight":
            tensor = unpermute(tensor, config.num_attention_heads)
        if part == "attn_k.weight":
            tensor = unpermute(tensor, config.num_key_value_heads)
        state[f"model.layers.{layer}.{LLAMA_NAMES[part]}"] = tensor
    config._attn_implementation = "eager"
    model = LlamaForCausalLM(config)
    model.load_state_dict(state)
    if frequency_divisors is not None:
        model.model.rotary_emb.inv_freq.div_(frequency_divisors)
    return model.eval()


def read_gpt2(path):
    metadata, tensors = open_file(path)
    value = {key.removeprefix("gpt2."): value for key, value in metadata.items() if key.startswith("gpt2.")}
    config = GPT2Config(
        vocab_size=tensors["token_embd.weight"].shape[0],
        n_positions=value["context_length"],
        n_embd=value["embedding_length"],
        n_inner=value["feed_forward_length"],
        n_layer=value["block_count"],
        n_head=value["attention.head_count"],
        layer_norm_epsilon=value["attention.layer_norm_epsilon"],
        bos_token_id=metadata["tokenizer.ggml.bos_token_id"],
        eos_token_id=metadata["tokenizer.ggml.eos_token_id"],
    )
    state = {
        "transformer.wte.weight": tensors.pop("token_embd.weight"),
        "transformer.wpe.weight": tensors.pop("position_embd.weight"),
        "transformer.ln_f.weight": tensors.pop("output_norm.weight"),
        "transformer.ln_f.bias": tensors.pop("output_norm.bias"),
    }
    state["lm_head.weight"] = tensors.pop("output.weight", state["transformer.wte.weight"])
    for name, tensor in tensors.items():
        _, layer, part, kind = name.split(".")
        state[f"transformer.h.{layer}.{GPT2_NAMES[part]}.{kind}"] = tensor.T if tensor.dim() == 2 else tensor
    config._attn_implementation = "eager"
    model = GPT2LMHeadModel(config)
    model.load_state_dict(state)
    return model.eval()


PRE_TOKENIZERS = {
    "gpt-2": lambda: pre_tokenizers.ByteLevel(add_prefix_space=False),
    "smollm": lambda: pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    ),
    "llama-bpe": lambda: pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(
                Regex(
                    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
                ),
                "isolated",
            ),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
}


def read_tokenizer(metadata):
    """The byte-level BPE of tokenizer.ggml.*; control tokens (type 3) are matched in the text as special tokens."""
    tokens = metadata["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in metadata["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[metadata["tokenizer.ggml.pre"]]()
    tokenizer.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, metadata["tokenizer.ggml.token_type"]) if kind == 3]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return tokenizer
