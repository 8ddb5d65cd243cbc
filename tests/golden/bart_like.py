"""What the recipes of BART and its relatives share: sizes, mechanisms, the way a case is made."""

import importlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import torch
import transformers
from transformers.activations import ACT2FN

import common
import pairs

VOCABULARY = 131


@dataclass
class Case:
    seed: int
    config: dict
    class_name: str = ""  # another class of the family than the one that predicts
    older: bool = False  # the hub's naming: copies of the table, keys of fairseq, positions that are computed
    adjusted: dict = field(default_factory=dict)
    older_keys: dict = field(default_factory=dict)
    prefix: bool = True  # names begin with "model."
    own_tables: bool = False  # the file holds a head and a decoder's table of their own, though the config ties them
    torch_file: bool = False  # pytorch_model.bin
    generate: dict = field(default_factory=dict)  # generation_config.json


@dataclass
class Family:
    folder: Path
    config_class: type
    model_class: type
    adjusted: dict = field(default_factory=dict)
    computed: tuple = ()  # ends of the names of tensors that the reference computes where the file has none
    shifts: bool = False  # PairRecording.shifts
    pad: int = -1  # PairRecording.pad
    padding: int = -1  # PairRecording.padding
    config: dict = field(default_factory=dict)


# Tokens must count for more than what all rows have in common, else every row says the same.
LIVELY = {"shared": (4.0, 0.0), "embed_tokens": (4.0, 0.0), "encoder_attn.out_proj": (0.5, 0.0), ".bias": (0.6, 0.0)}
# Norms after the sums take the tokens back: there the other terms are smaller.
QUIET = {"encoder_attn.out_proj": (0.15, 0.0), "fc2.weight": (0.5, 0.0)}

SIZES = {
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 49,
    "d_model": 30,
    "encoder_layers": 2,
    "encoder_ffn_dim": 34,
    "encoder_attention_heads": 3,
    "decoder_layers": 1,
    "decoder_ffn_dim": 27,
    "decoder_attention_heads": 2,
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
    "forced_eos_token_id": None,
}


def base(model):
    return getattr(model, "model", model)


def of_stacks(act):
    def mutate(model, stack):
        for side in (base(model).encoder, base(model).decoder):
            act(side, stack)

    return mutate


def shifted_positions(side, _):
    positions = side.embed_positions
    if hasattr(positions, "offset") and hasattr(positions, "weight"):
        positions.offset = 0
    else:
        name = "weight" if hasattr(positions, "weight") else "weights"
        table = getattr(positions, name)
        table.copy_(table.clone().roll(3, 0))


def interleaved_positions(side, _):
    positions = side.embed_positions
    table = getattr(positions, "weight" if hasattr(positions, "weight") else "weights")
    half = (table.shape[1] + 1) // 2
    mixed = table.clone()
    mixed[:, 0::2], mixed[:, 1::2] = table[:, :half], table[:, half:]
    table.copy_(mixed)


def other_embedding_scale(side, _):
    factor = side.embed_tokens.embed_scale if hasattr(side.embed_tokens, "embed_scale") else side.embed_scale
    changed = 1.0 if factor != 1.0 else side.embed_tokens.weight.shape[1] ** 0.5
    if hasattr(side.embed_tokens, "embed_scale"):
        side.embed_tokens.embed_scale = changed
    else:
        side.embed_scale = changed


def other_activation(side, _):
    for layer in side.layers:
        layer.activation_fn = ACT2FN["tanh"]


def scores_unscaled(side, _):
    for name, module in side.named_modules():
        if name.endswith("attn"):
            module.scaling = 1.0


def no_cross_attention(model, _):
    for layer in base(model).decoder.layers:
        layer.encoder_attn.out_proj.weight.zero_()


def left_out(name):
    def mutate(side, _):
        setattr(side, name, torch.nn.Identity())

    return mutate


def tied_head(model, _):
    model.lm_head.weight = base(model).shared.weight


def tied_table(model, _):
    base(model).decoder.embed_tokens.weight = base(model).shared.weight


def no_causal_mask(model, stack):
    module = importlib.import_module(type(model).__module__)
    stack.enter_context(patch.object(module, "create_causal_mask", lambda **_: None))


def no_logits_bias(model, _):
    model.final_logits_bias.zero_()


def mechanisms(case, model):
    table = {
        "other positions": of_stacks(shifted_positions),
        "other scale of the embedding": of_stacks(other_embedding_scale),
        "tanh as activation": of_stacks(other_activation),
        "scores not scaled": of_stacks(scores_unscaled),
        "no cross-attention": no_cross_attention,
        "no causal mask": no_causal_mask,
    }
    positions = base(model).encoder.embed_positions
    if not hasattr(positions, "offset") or hasattr(positions, "weights"):
        table["positions interleaved"] = of_stacks(interleaved_positions)
    for name in ("layernorm_embedding", "layer_norm"):
        if hasattr(base(model).encoder, name):
            table[f"no {name}"] = of_stacks(left_out(name))
    if hasattr(model, "final_logits_bias"):
        table["no final_logits_bias"] = no_logits_bias
    if hasattr(model, "classification_head"):
        table["the first row"] = pairs.first_row(base)
    if hasattr(model, "qa_outputs"):
        table["order of start and end"] = pairs.exchanged_rows
    if case.own_tables:
        table |= {"the head tied": tied_head, "the decoder's table tied": tied_table}
    # keys' biases move every score of a row alike: softmax does not see them
    vectors = {k: v for k, v in common.leave_out_vectors(model).items() if not k.endswith("k_proj.bias")}
    return table | vectors


def stored(case, model):
    """The tensors as the file of the case names them."""
    kept = dict(model.state_dict())
    tied = ["lm_head.weight"] if model.config.tie_word_embeddings else []
    if getattr(model.config, "share_encoder_decoder_embeddings", True):
        tied += [name for name in kept if name.endswith("embed_tokens.weight")]
    if case.own_tables:
        tied = [name for name in tied if "encoder." in name]
    if not case.older:
        computed = [name for name, p in model.named_parameters() if not p.requires_grad]
        kept = {name: tensor for name, tensor in kept.items() if name not in tied + computed}
    if not case.prefix:
        kept = {name.removeprefix("model."): tensor for name, tensor in kept.items()}
    return kept


def redraw(family, case, model):
    computed = {} if case.older else {n: p.clone() for n, p in model.named_parameters() if not p.requires_grad}
    decoder = base(model).decoder
    last = "layer_norm" if hasattr(decoder, "layer_norm") else f"layers.{len(decoder.layers) - 1}.final_layer_norm"
    unlike = {f"decoder.{last}.weight": pairs.UNLIKE_ITS_INPUT}
    common.redraw(model, case.seed, adjusted=LIVELY | family.adjusted | case.adjusted | unlike)
    for name, value in computed.items():
        model.get_parameter(name).copy_(value)
    generator = torch.Generator().manual_seed(case.seed + 5)
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias.copy_(0.5 * torch.randn(model.final_logits_bias.shape, generator=generator))
        for (word,) in case.generate.get("bad_words_ids", []):
            model.final_logits_bias[0, word] += 5  # it would be said often
    if case.own_tables:
        for module in (model.lm_head, base(model).decoder.embed_tokens):
            drawn = base(model).shared.weight.std() * torch.randn(module.weight.shape, generator=generator)
            module.weight = torch.nn.Parameter(drawn)


def stored_config(family, case, model, plain):
    config = model.config.to_dict()
    if case.older:
        config = plain | {"model_type": model.config.model_type, "num_hidden_layers": plain["encoder_layers"]}
        config |= {"is_encoder_decoder": True} | case.older_keys
    config["architectures"] = [type(model).__name__]
    return {key: value for key, value in config.items() if value is not None}


def save(folder, case, tensors):
    if not case.torch_file:
        return common.save_weights(folder, tensors)
    torch.save(tensors, folder / "pytorch_model.bin")


def shifted(family, plain, source):
    module = importlib.import_module(family.model_class.__module__)
    keys = ["pad_token_id"] if family.padding >= 0 else ["pad_token_id", "decoder_start_token_id"]
    return module.shift_tokens_right(torch.tensor([source]), *(plain[key] for key in keys))[0].tolist()


def make(family, name, case):
    folder = common.fresh_folder(family.folder / name)
    plain = SIZES | family.config | case.config
    model_class = getattr(transformers, case.class_name) if case.class_name else family.model_class
    model = model_class(family.config_class(**plain))
    redraw(family, case, model)
    save(folder, case, stored(case, model))
    common.save_config(folder, stored_config(family, case, model, plain))
    if case.generate:
        common.save_json(folder / "generation_config.json", case.generate)
    model = common.load(model_class, folder, computed=family.computed)
    recording = pairs.PairRecording(
        folder,
        model,
        plain["vocab_size"],
        plain.get("decoder_vocab_size") or plain["vocab_size"],
        start=plain["decoder_start_token_id"],
        end=plain["eos_token_id"],
        mechanisms=mechanisms(case, model),
        seed=case.seed,
        generate={"pad_token_id": plain["pad_token_id"]}
        | {key: value for key, value in case.generate.items() if key in ("bad_words_ids", "forced_eos_token_id")},
        shifts=family.shifts,
        pad=family.pad,
        padding=family.padding,
    )
    if case.class_name:
        pairs.record_head(recording, lambda source: shifted(family, plain, source))
    else:
        pairs.record(recording)


def main(family, cases):
    for name in sys.argv[1:] or cases:
        make(family, name, cases[name])
