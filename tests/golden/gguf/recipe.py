"""Tiny GGUF files of each tensor type, and what transformers computes with their dequantized weights.

Where the gguf package does not quantize to a type, its blocks are drawn: the weights are then others than the source's.

Run: python recipe.py [case ...]. Metadata keys, tensor names and row order are those of llama.cpp's converter.
"""

import copy
import sys
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy
import torch
from transformers import GPT2Config, GPT2LMHeadModel

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402
import decoders  # noqa: E402
import gguf_reading as reading  # noqa: E402

Type = gguf.GGMLQuantizationType
FILE_TYPES = {
    Type.F32: gguf.LlamaFileType.ALL_F32,
    Type.F16: gguf.LlamaFileType.MOSTLY_F16,
    Type.BF16: gguf.LlamaFileType.MOSTLY_BF16,
    Type.Q4_0: gguf.LlamaFileType.MOSTLY_Q4_0,
    Type.Q4_1: gguf.LlamaFileType.MOSTLY_Q4_1,
    Type.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
    Type.Q4_K: gguf.LlamaFileType.MOSTLY_Q4_K_M,
    Type.Q2_K: gguf.LlamaFileType.MOSTLY_Q2_K,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
ODD = {"hidden_size": 36, "num_attention_heads": 3, "num_key_value_heads": 1, "intermediate_size": 52}
BLOCKS = {"hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96}
# inner sizes of 256, which such types want, but for the attention's output, which then has another type
SUPERBLOCKS = {
    "hidden_size": 256, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 24, "intermediate_size": 256
}  # fmt: skip


@dataclass
class Case:
    seed: int
    matrices: Type
    config: dict
    architecture: str = "llama"
    rope: dict = field(default_factory=lambda: {"rope_type": "default", "rope_theta": 10000.0})
    embedding: Type = None  # where not of the matrices' type
    output: Type = None  # a head of its own
    others: dict = field(default_factory=dict)  # tensors of a layer, by their names, that have another type
    pre: str = "smollm"
    alignment: int = 32
    chat_template: str = None
    adjusted: dict = field(default_factory=dict)


CASES = {
    "f32": Case(51, Type.F32, ODD, rope=LLAMA3, pre="llama-bpe"),
    "f16": Case(52, Type.F16, ODD, output=Type.F16),
    "bf16": Case(53, Type.BF16, ODD, alignment=128),
    "q8_0": Case(
        54,
        Type.Q8_0,
        BLOCKS | {"head_dim": 24},
        rope={"rope_type": "linear", "rope_theta": 1000.0, "factor": 2.5},
        output=Type.Q8_0,
    ),
    "q4_0": Case(55, Type.Q4_0, BLOCKS, embedding=Type.F16, output=Type.Q8_0),
    # as the SmolLM2 files are: Q4_1 matrices, a Q8_0 table that is the head as well
    "q4_1": Case(
        56,
        Type.Q4_1,
        BLOCKS,
        embedding=Type.Q8_0,
        chat_template="{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + "
        "'<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    ),
    # as such files are: what weighs most has more bits
    "q4_k_m": Case(
        58,
        Type.Q4_K,
        SUPERBLOCKS,
        embedding=Type.Q6_K,
        others={"attn_v": Type.Q6_K, "attn_output": Type.Q5_0, "ffn_down": Type.Q6_K},
    ),
    "other_blocks": Case(
        59,
        Type.Q2_K,
        SUPERBLOCKS,
        embedding=Type.Q5_K,
        others={
            "attn_k": Type.Q3_K,
            "attn_v": Type.Q5_K,
            "attn_output": Type.Q5_1,
            "ffn_gate": Type.IQ4_XS,
            "ffn_up": Type.IQ4_NL,
            "ffn_down": Type.MXFP4,
        },
    ),
    # heads that are not interleaved, biases of q, k and v
    "qwen2": Case(58, Type.F16, ODD, architecture="qwen2", output=Type.F16, pre="qwen2"),
    # norms of heads, a head_dim of its own
    "qwen3": Case(
        59,
        Type.Q8_0,
        BLOCKS | {"head_dim": 24},
        architecture="qwen3",
        pre="qwen2",
        rope={
            "rope_type": "yarn",
            "rope_theta": 500.0,
            "factor": 4.0,
            "original_max_position_embeddings": 32,
            "beta_fast": 1.5,
            "beta_slow": 0.5,
        },
        adjusted=decoders.SHARP_HEADS,
    ),
    "mistral3": Case(60, Type.BF16, ODD | {"head_dim": 16}, architecture="mistral3", output=Type.F32),
    # seven layers, of which the sixth sees everything; norms with the 1 that transformers adds
    "gemma3": Case(
        61,
        Type.Q8_0,
        BLOCKS
        | {
            "head_dim": 24,
            "num_hidden_layers": 7,
            "query_pre_attn_scalar": 24,
            "sliding_window": 9,
            "final_logit_softcapping": 20.0,
        },
        architecture="gemma3",
        rope={
            "full_attention": {"rope_type": "linear", "rope_theta": 500.0, "factor": 8.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
        },
        adjusted={"norm.weight": (1.0, -1.0), "embed_tokens": (0.3, 0.0)} | decoders.SHARP_HEADS,
    ),
    "gpt2": Case(57, Type.F16, {"n_embd": 36, "n_head": 3}, architecture="gpt2", pre="gpt-2"),
}


# ---- the vocabulary: three control tokens, 256 bytes, 32 merges ------------------------------------------------------


def byte_characters():
    """The printable stand-in of each byte, as GPT-2's encoder.py defines it."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {byte: chr(256 + i) for i, byte in enumerate(hidden)}


CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MERGES = """Ġ t|Ġ a|h e|i n|r e|o n|Ġt he|e r|Ġ s|a t|o r|e n|Ġ w|a n|Ġ c|i s|e s|Ġ o|i t|o u|Ġ b|in g|l l|e d|Ġa n|Ġan d
Ġ W|or l|orl d|Ġw orld|Ã ©|Ġ Ġ""".replace("\n", "|").split("|")
TOKENS = CONTROL + list(byte_characters().values()) + [merge.replace(" ", "") for merge in MERGES]
TEXTS = [
    "The metaverse and the world are on in 2024.",
    "  two  spaces, a café,\n\n a 世界 and an 🦊\t!",
    "<|im_start|>user\nHello it's me<|im_end|>",
]


def add_vocabulary(writer, case):
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(case.pre)
    writer.add_token_list(TOKENS)
    writer.add_token_types(
        [gguf.TokenType.CONTROL] * len(CONTROL) + [gguf.TokenType.NORMAL] * (len(TOKENS) - len(CONTROL))
    )
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    if case.chat_template:
        writer.add_chat_template(case.chat_template)


# ---- the files -------------------------------------------------------------------------------------------------------


def make_model(case):
    if case.architecture == "gpt2":
        config = GPT2Config(
            vocab_size=len(TOKENS), n_positions=64, n_layer=2, layer_norm_epsilon=0.01, **case.config
        )
        config._attn_implementation = "eager"
        return common.redraw(GPT2LMHeadModel(config), case.seed)
    family = reading.GATED[case.architecture]
    config = {
        "vocab_size": len(TOKENS),
        "num_hidden_layers": 2,
        "max_position_embeddings": 128,
        "rms_norm_eps": 0.01,
        "rope_parameters": copy.deepcopy(case.rope),
        "tie_word_embeddings": case.output is None,
    }
    if case.architecture == "mistral3":
        config["sliding_window"] = None  # no key of the file
    config = family.config_class(**config | case.config)
    config._attn_implementation = "eager"
    return common.redraw(family.model_class(config), case.seed, case.adjusted)


def default_frequencies(config):
    """[head_dim / 2], without any scaling."""
    return 1.0 / (config.rope_parameters["rope_theta"] ** (torch.arange(0, config.head_dim, 2) / config.head_dim))


def gated_tensors(case, model):
    """(GGUF name, tensor, type) for every tensor that the file holds."""
    family, config, state = reading.GATED[case.architecture], model.config, model.state_dict()
    for name in state:
        if name.endswith("norm.weight"):
            state[name] = state[name] + family.added_to_norms
    heads = {"attn_q.weight": config.num_attention_heads, "attn_k.weight": config.num_key_value_heads}
    yield "token_embd.weight", state["model.embed_tokens.weight"], case.embedding or case.matrices
    yield "output_norm.weight", state["model.norm.weight"], Type.F32
    if case.output is not None:
        yield "output.weight", state["lm_head.weight"], case.output
    if case.rope.get("rope_type") == "llama3":
        yield "rope_freqs.weight", default_frequencies(config) / model.model.rotary_emb.inv_freq, Type.F32
    for layer in range(config.num_hidden_layers):
        for theirs, ours in family.names.items():
            tensor = state[f"model.layers.{layer}.{ours}"]
            if family.interleaved and theirs in heads:
                tensor = reading.pair_neighbours(tensor, heads[theirs])
            kind = case.others.get(theirs.removesuffix(".weight"), case.matrices)
            yield f"blk.{layer}.{theirs}", tensor, kind if tensor.dim() == 2 else Type.F32


def gpt2_tensors(case, model):
    state = model.state_dict()
    yield "token_embd.weight", state["transformer.wte.weight"], case.matrices
    yield "position_embd.weight", state["transformer.wpe.weight"], Type.F32
    yield "output_norm.weight", state["transformer.ln_f.weight"], Type.F32
    yield "output_norm.bias", state["transformer.ln_f.bias"], Type.F32
    for layer in range(model.config.n_layer):
        for theirs, ours in reading.GPT2_NAMES.items():
            for kind in ("weight", "bias"):
                tensor = state[f"transformer.h.{layer}.{ours}.{kind}"]
                stored = case.matrices if tensor.dim() == 2 else Type.F32
                yield f"blk.{layer}.{theirs}.{kind}", tensor.T if tensor.dim() == 2 else tensor, stored


def add_rope_keys(writer, rope):
    writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope["factor"])
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
        writer.add_rope_scaling_yarn_beta_fast(rope["beta_fast"])
        writer.add_rope_scaling_yarn_beta_slow(rope["beta_slow"])


def add_gated_keys(writer, config):
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    rope = config.rope_parameters
    add_rope_keys(writer, rope.get("full_attention", rope))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    head_dim = getattr(config, "head_dim", config.hidden_size // config.num_attention_heads)
    if head_dim * config.num_attention_heads != config.hidden_size:
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    if writer.arch == "gemma3":
        writer.add_sliding_window(config.sliding_window)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    if writer.arch in ("llama", "mistral3"):
        writer.add_vocab_size(config.vocab_size)
        writer.add_rope_dimension_count(head_dim)


def add_gpt2_keys(writer, config):
    writer.add_block_count(config.n_layer)
    writer.add_context_length(config.n_positions)
    writer.add_embedding_length(config.n_embd)
    writer.add_feed_forward_length(4 * config.n_embd)
    writer.add_head_count(config.n_head)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)


@dataclass
class Drawn:
    """A type that the gguf package only reads: where a block's scale and minimum lie, and a mean of its codes."""

    scale: int
    minimum: int = None
    mean: float = 0.0


DRAWN = {
    Type.Q2_K: Drawn(80, 82, 1.5),
    Type.Q3_K: Drawn(108),
    Type.Q4_K: Drawn(0, 2, 7.5),
    Type.Q5_K: Drawn(0, 2, 15.5),
    Type.Q6_K: Drawn(208),
    Type.IQ4_NL: Drawn(0),
    Type.IQ4_XS: Drawn(0),
}


def draw_blocks(tensor, kind, random):
    """Blocks whose bytes are drawn, around zero, with half the spread of the tensor: neighbours have a sign in common."""
    drawn, (values, size) = DRAWN[kind], gguf.GGML_QUANT_SIZES[kind]
    blocks = numpy.frombuffer(random.bytes(tensor.size // values * size), numpy.uint8).reshape(-1, size).copy()
    scale = 1.0
    for _ in range(2):  # as if the scale were 1, then with what that shows to be right
        blocks[:, drawn.scale : drawn.scale + 2] = numpy.array([scale], numpy.float16).view(numpy.uint8)
        if drawn.minimum is not None:
            minimum = numpy.array([scale * drawn.mean], numpy.float16).view(numpy.uint8)
            blocks[:, drawn.minimum : drawn.minimum + 2] = minimum
        scale = 0.5 * tensor.std() / gguf.quants.dequantize(blocks, kind).std()
    return blocks.reshape(len(tensor), -1)


def write_file(path, name, case, model):
    writer = gguf.GGUFWriter(path, case.architecture)
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(f"tiny {name}")
    if case.alignment != 32:
        writer.add_custom_alignment(case.alignment)
    (add_gpt2_keys if case.architecture == "gpt2" else add_gated_keys)(writer, model.config)
    writer.add_file_type(FILE_TYPES[case.matrices])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_vocabulary(writer, case)
    random = numpy.random.RandomState(case.seed)
    tensors = gpt2_tensors if case.architecture == "gpt2" else gated_tensors
    for tensor_name, tensor, kind in tensors(case, model):
        values = tensor.contiguous().numpy()
        data = draw_blocks(values, kind, random) if kind in DRAWN else gguf.quants.quantize(values, kind)
        writer.add_tensor(tensor_name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_version_2(path):
    """Version 2 has the layout of version 3; only the number differs (version 3 added big-endian files)."""
    data = bytearray(path.read_bytes())
    common.check(data[:8] == b"GGUF\x03\0\0\0", "not a GGUF file of version 3")
    data[4] = 2
    path.with_name("model.v2.gguf").write_bytes(data)


# ---- mechanisms that must show in the logits -------------------------------------------------------------------------


def replace_weights(other):
    def mutate(model, stack):
        model.load_state_dict(other.state_dict())

    return mutate


def plain_frequencies(model, stack):
    model.model.rotary_emb.inv_freq.copy_(default_frequencies(model.config))


def norms_with_one_more(model, stack):
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight"):
            parameter.add_(1.0)


def mechanisms(case, path, source):
    table = {}
    if case.matrices != Type.F32:
        table["rounding of the weights"] = replace_weights(source)
    if case.architecture in reading.GATED:
        if reading.GATED[case.architecture].interleaved:
            table["order of rotated rows"] = replace_weights(reading.read_gated(path, lambda rows, heads: rows))
        if case.architecture == "gemma3":
            table["1 in the norms"] = norms_with_one_more
            table["pattern of layers"] = decoders.swapped_layer_types
        if case.rope.get("rope_type", "default") != "default":
            table["rope: scaling"] = plain_frequencies
    return table


# ---- one case --------------------------------------------------------------------------------------------------------


def make(name, case):
    folder = common.fresh_folder(HERE / name)
    path = folder / "model.gguf"
    source = make_model(case)
    write_file(path, name, case, source)
    if name == "f32":
        write_version_2(path)
    model = reading.read_model(path)

    ids = common.draw_ids(40, len(TOKENS), case.seed)
    change = common.relative_change(common.logits_of(model, ids), common.logits_of(source, ids))
    print(f"{name}: {path.stat().st_size / 1000:.0f} kB, weights as written move the logits by {change:.1e}")
    common.check(case.matrices != Type.F32 or change < common.NOISE_LIMIT, "the float32 file is another model")

    tokenizer = reading.read_tokenizer(reading.open_file(path)[0])
    texts = [{"text": text, "ids": tokenizer.encode(text).ids} for text in TEXTS]
    common.check(all(tokenizer.decode(t["ids"], skip_special_tokens=False) == t["text"] for t in texts), "texts change")
    common.record(
        common.Recording(
            folder,
            model,
            len(TOKENS),
            mechanisms=mechanisms(case, path, source),
            length=40,
            long_new_ids=12,
            seed=case.seed,
            attentions=False,
            extra={"texts": texts},
        )
    )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        make(chosen, CASES[chosen])
