"""A GGUF file as a transformers model: weights dequantized to float32 by the gguf package, names and rows put back.

Names and the permutation of query and key rows follow llama.cpp's converter
(https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py): GGUF pairs rotated rows (0, 1), (2, 3), ...
where transformers pairs (0, d/2), (1, d/2 + 1), ...
"""

from dataclasses import dataclass, field

import gguf
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

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
QUERY_BIASES = {f"attn_{part}.bias": f"self_attn.{part}_proj.bias" for part in "qkv"}
HEAD_NORMS = {f"attn_{part}_norm.weight": f"self_attn.{part}_norm.weight" for part in "qk"}
GEMMA3_NORMS = {
    "post_attention_norm.weight": "post_attention_layernorm.weight",
    "ffn_norm.weight": "pre_feedforward_layernorm.weight",
    "post_ffw_norm.weight": "post_feedforward_layernorm.weight",
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


def gated_config(metadata, tensors):
    """What the configs of Llama and its relatives have in common."""
    name = metadata["general.architecture"]
    value = {key.removeprefix(f"{name}."): value for key, value in metadata.items() if key.startswith(f"{name}.")}
    rope = {"rope_type": "default", "rope_theta": value["rope.freq_base"]}
    if "rope.scaling.type" in value:
        rope |= {"rope_type": value["rope.scaling.type"], "factor": value["rope.scaling.factor"]}
    for key in ("beta_fast", "beta_slow"):
        if f"rope.scaling.yarn_{key}" in value:
            rope[key] = value[f"rope.scaling.yarn_{key}"]
    if "rope.scaling.original_context_length" in value:
        rope["original_max_position_embeddings"] = value["rope.scaling.original_context_length"]
    heads = value["attention.head_count"]
    config = {
        "vocab_size": tensors["token_embd.weight"].shape[0],
        "hidden_size": value["embedding_length"],
        "intermediate_size": value["feed_forward_length"],
        "num_hidden_layers": value["block_count"],
        "num_attention_heads": heads,
        "num_key_value_heads": value["attention.head_count_kv"],
        "head_dim": value.get("attention.key_length", value["embedding_length"] // heads),
        "max_position_embeddings": value["context_length"],
        "rms_norm_eps": value["attention.layer_norm_rms_epsilon"],
        "rope_parameters": rope,
        "tie_word_embeddings": "output.weight" not in tensors,
        "bos_token_id": metadata["tokenizer.ggml.bos_token_id"],
        "eos_token_id": metadata["tokenizer.ggml.eos_token_id"],
    }
    return config, value


def gemma3_keys(config, value):
    """What only Gemma 3 has. Its pattern of layers and the base of the local frequencies are no keys of the file."""
    return {
        "final_logit_softcapping": value.get("final_logit_softcapping"),
        "query_pre_attn_scalar": config["head_dim"],
        "sliding_window": value["attention.sliding_window"],
        "rope_parameters": {
            "full_attention": config["rope_parameters"],
            "sliding_attention": {"rope_type": "default", "rope_theta": value.get("rope.freq_base_swa", 10000.0)},
        },
    }


@dataclass
class Gated:
    """A relative of Llama: gates, RMSNorm, rotation."""

    config_class: type
    model_class: type
    names: dict = field(default_factory=lambda: LLAMA_NAMES)
    interleaved: bool = False  # rows of queries and keys
    added_to_norms: float = 0.0  # what the file's norms have more than transformers'
    own_keys: object = lambda config, value: {}


GATED = {
    "llama": Gated(LlamaConfig, LlamaForCausalLM, interleaved=True),
    "mistral3": Gated(
        MistralConfig, MistralForCausalLM, interleaved=True, own_keys=lambda config, value: {"sliding_window": None}
    ),
    "qwen2": Gated(Qwen2Config, Qwen2ForCausalLM, LLAMA_NAMES | QUERY_BIASES),
    "qwen3": Gated(Qwen3Config, Qwen3ForCausalLM, LLAMA_NAMES | HEAD_NORMS),
    "gemma3": Gated(
        Gemma3TextConfig,
        Gemma3ForCausalLM,
        LLAMA_NAMES | HEAD_NORMS | GEMMA3_NORMS,
        added_to_norms=1.0,
        own_keys=gemma3_keys,
    ),
}


def read_gated(path, unpermute=pair_halves):
    metadata, tensors = open_file(path)
    family = GATED[metadata["general.architecture"]]
    config, value = gated_config(metadata, tensors)
    config = family.config_class(**config | family.own_keys(config, value))
    frequency_divisors = tensors.pop("rope_freqs.weight", None)
    state = {
        "model.embed_tokens.weight": tensors.pop("token_embd.weight"),
        "model.norm.weight": tensors.pop("output_norm.weight"),
    }
    state["lm_head.weight"] = tensors.pop("output.weight", state["model.embed_tokens.weight"])
    heads = {"attn_q.weight": config.num_attention_heads, "attn_k.weight": config.num_key_value_heads}
    for name, tensor in tensors.items():
        _, layer, part = name.split(".", 2)
        if family.interleaved and part in heads:
            tensor = unpermute(tensor, heads[part])
        state[f"model.layers.{layer}.{family.names[part]}"] = tensor
    for name in state:
        if name.endswith("norm.weight"):
            state[name] = state[name] - family.added_to_norms
    config._attn_implementation = "eager"
    model = family.model_class(config)
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


def read_model(path):
    name = gguf.GGUFReader(path).fields["general.architecture"].contents()
    return read_gpt2(path) if name == "gpt2" else read_gated(path)


def numbers_of(digits):
    """Words, runs of so many digits, signs and white space, one by one."""
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + digits + r"| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


PRE_TOKENIZERS = {
    "gpt-2": lambda: pre_tokenizers.ByteLevel(add_prefix_space=False),
    "smollm": lambda: pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    ),
    "llama-bpe": lambda: numbers_of("{1,3}"),
    "qwen2": lambda: numbers_of(""),
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
