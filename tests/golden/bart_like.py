"""What the recipes of BART and its relatives share: sizes, mechanisms, the way a case is made."""

import importlib
from dataclasses import dataclass, field
from unittest.mock import patch

import torch
from transformers.activations import ACT2FN

import common
import pairs

VOCABULARY = 131


@dataclass
class Case:
    seed: int
    config: dict
    older: bool = False  # the hub's naming: copies of the table, keys of fairseq
    adjusted: dict = field(default_factory=dict)
    older_keys: dict = field(default_factory=dict)
    prefix: bool = True  # names begin with "model."


# Tokens must count for more than what all rows have in common, else every row says the same.
LIVELY = {"shared": (4.0, 0.0), "embed_tokens": (4.0, 0.0), "encoder_attn.out_proj": (0.5, 0.0), ".bias": (0.6, 0.0)}
# Norms after the sums take the tokens back: there the other terms are smaller.
QUIET = {"encoder_attn.out_proj": (0.15, 0.0), "fc2.weight": (0.5, 0.0)}

SIZES = {
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 90,
    "d_model": 42,
    "encoder_layers": 2,
    "encoder_ffn_dim": 50,
    "encoder_attention_heads": 3,
    "decoder_layers": 2,
    "decoder_ffn_dim": 37,
    "decoder_attention_heads": 2,
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
    "forced_eos_token_id": None,
}


def of_stacks(act):
    def mutate(model, stack):
        for side in (model.model.encoder, model.model.decoder):
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
    for layer in model.model.decoder.layers:
        layer.encoder_attn.out_proj.weight.zero_()


def no_causal_mask(model, stack):
    module = importlib.import_module(type(model).__module__)
    stack.enter_context(patch.object(module, "create_causal_mask", lambda **_: None))


def no_logits_bias(model, _):
    model.final_logits_bias.zero_()


def mechanisms(model):
    table = {
        "other positions": of_stacks(shifted_positions),
        "other scale of the embedding": of_stacks(other_embedding_scale),
        "tanh as activation": of_stacks(other_activation),
        "scores not scaled": of_stacks(scores_unscaled),
        "no cross-attention": no_cross_attention,
        "no causal mask": no_causal_mask,
    }
    if not hasattr(model.model.encoder.embed_positions, "offset") or hasattr(
        model.model.encoder.embed_positions, "weights"
    ):
        table["positions interleaved"] = of_stacks(interleaved_positions)
    if hasattr(model, "final_logits_bias"):
        table["no final_logits_bias"] = no_logits_bias
    # keys' biases move every score of a row alike: softmax does not see them
    vectors = {k: v for k, v in common.leave_out_vectors(model).items() if not k.endswith("k_proj.bias")}
    return table | vectors


def stored(case, model, tensors):
    kept = dict(tensors)
    copies = [name for name in ("lm_head.weight",) if model.config.tie_word_embeddings]
    shares = getattr(model.config, "share_encoder_decoder_embeddings", True)
    if shares:
        copies += ["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"]
    if not case.older:
        for name in copies:
            kept.pop(name, None)
    if not case.prefix:
        kept = {name.removeprefix("model."): tensor for name, tensor in kept.items()}
    return kept


def make(folder, case, config_class, model_class, unexpected=(), adjusted={}):
    folder = common.fresh_folder(folder)
    plain = SIZES | case.config
    model = model_class(config_class(**plain))
    frozen = {name: p.clone() for name, p in model.named_parameters() if not p.requires_grad}
    common.redraw(model, case.seed, adjusted=LIVELY | adjusted | case.adjusted)
    for name, value in frozen.items():
        model.get_parameter(name).copy_(value)  # computed positions
    if hasattr(model, "final_logits_bias"):
        generator = torch.Generator().manual_seed(case.seed + 5)
        model.final_logits_bias.copy_(0.5 * torch.randn(model.final_logits_bias.shape, generator=generator))
    common.save_weights(folder, stored(case, model, model.state_dict()))
    config = model.config.to_dict() | {"architectures": [model_class.__name__]}
    if case.older:
        config = plain | {"model_type": config_class.model_type, "architectures": [model_class.__name__]}
        config |= {"is_encoder_decoder": True, "num_hidden_layers": plain["encoder_layers"]} | case.older_keys
    common.save_config(folder, {key: value for key, value in config.items() if value is not None})
    model = common.load(model_class, folder, unexpected=unexpected)
    pairs.record(
        pairs.PairRecording(
            folder,
            model,
            plain["vocab_size"],
            plain.get("decoder_vocab_size") or plain["vocab_size"],
            start=plain["decoder_start_token_id"],
            end=plain["eos_token_id"],
            mechanisms=mechanisms(model),
            seed=case.seed,
            generate={"pad_token_id": plain["pad_token_id"]},
        )
    )
