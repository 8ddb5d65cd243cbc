"""Tiny T5 models and what transformers computes with them. Run: python recipe.py [case ...]"""

import copy
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import torch
from transformers import (
    MT5Config,
    MT5EncoderModel,
    MT5ForConditionalGeneration,
    T5Config,
    T5EncoderModel,
    T5ForConditionalGeneration,
)
from transformers.activations import ACT2FN

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402
import pairs  # noqa: E402

VOCABULARY = 131


@dataclass
class Case:
    seed: int
    config: dict
    mt5: bool = False
    own_head: bool = False
    encoder: bool = False  # alone
    older: bool = False  # the hub's naming: copies of the table, n_positions, no keys of transformers 5
    adjusted: dict = field(default_factory=dict)


SIZES = {"vocab_size": VOCABULARY, "d_model": 24, "d_kv": 7, "d_ff": 29, "num_heads": 3, "decoder_start_token_id": 0}
# Scores have no scale, so keys and queries are small; the buckets are drawn large, so that each one shows.
SMALL = {".q.weight": (0.6, 0.0), ".k.weight": (0.6, 0.0), "relative_attention_bias": (4.0, 0.0),
         "decoder.final_layer_norm.weight": pairs.UNLIKE_ITS_INPUT}
CASES = {
    # google-t5/t5-small as it lies on the hub: relu, tied, scaled
    "hub": Case(41, {"num_layers": 2, "num_decoder_layers": 3}, older=True, adjusted=SMALL),
    # google/flan-t5-small: gated tanh gelu, a head of its own, not scaled
    "flan": Case(
        42,
        {
            "num_layers": 3,
            "num_decoder_layers": 2,
            "feed_forward_proj": "gated-gelu",
            "relative_attention_num_buckets": 10,
            "relative_attention_max_distance": 23,
            "layer_norm_epsilon": 0.01,
        },
        own_head=True,
        adjusted=SMALL | {"wi_0.weight": (0.4, 0.0), "DenseReluDense.wo": (2.0, 0.0)},
    ),
    # google/mt5-small's class, gated silu, tied and not scaled
    "mt5": Case(
        43,
        {"num_layers": 2, "num_decoder_layers": 2, "feed_forward_proj": "gated-silu"},
        mt5=True,
        adjusted=SMALL | {"shared.weight": (1.0, 0.0)},
    ),
    # sentence-transformers/sentence-t5-base, as its encoder lies on the hub
    "encoder": Case(44, {"num_layers": 2}, encoder=True, older=True, adjusted=SMALL),
    "mt5_encoder": Case(45, {"num_layers": 2, "feed_forward_proj": "gated-gelu", "layer_norm_epsilon": 0.01}, mt5=True, encoder=True,
                        adjusted=SMALL),
}


def attentions(model, kind):
    return [module for name, module in model.named_modules() if name.endswith(kind)]


def no_bias(stack):
    def mutate(model, _):
        model.get_submodule(stack).block[0].layer[0].SelfAttention.relative_attention_bias.weight.zero_()

    return mutate


def one_sided(model, _):
    for block in model.encoder.block:
        block.layer[0].SelfAttention.is_decoder = True


def two_sided(model, _):
    model.decoder.block[0].layer[0].SelfAttention.is_decoder = False


def other_buckets(model, _):
    for attention in attentions(model, "SelfAttention"):
        attention.relative_attention_max_distance *= 2


def scaled_scores(model, _):
    for name, module in model.named_modules():
        if name.endswith("Attention"):
            module.scaling = module.key_value_proj_dim**-0.5


def stacks(model):
    return [getattr(model, name) for name in ("encoder", "decoder") if hasattr(model, name)]


def bias_of_first_layer_only(model, _):
    for stack in stacks(model):
        for block in list(stack.block)[1:]:
            forward = block.forward

            def unbiased(states, mask, bias, *rest, forward=forward, **more):
                return forward(states, mask, torch.zeros_like(bias), *rest, **more)

            block.forward = unbiased


def no_cross_attention(model, _):
    for attention in attentions(model, "EncDecAttention"):
        attention.o.weight.zero_()


def no_causal_mask(_, stack):
    module = "transformers.models.t5.modeling_t5" if "mt5" not in type(_).__module__ else (
        "transformers.models.mt5.modeling_mt5"
    )
    stack.enter_context(patch(f"{module}.create_causal_mask", lambda **_: None))


def other_activation(model, _):
    for name, module in model.named_modules():
        if name.endswith("DenseReluDense"):
            module.act = ACT2FN["tanh"]


def other_gelu(model, _):
    for name, module in model.named_modules():
        if name.endswith("DenseReluDense"):
            module.act = ACT2FN["gelu"]


def swapped_gate(model, _):
    for name, module in model.named_modules():
        if name.endswith("DenseReluDense"):
            module.wi_0, module.wi_1 = module.wi_1, module.wi_0


def other_scale(model, _):
    if getattr(model.config, "scale_decoder_outputs", False):
        model.config.scale_decoder_outputs = False
    else:
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight * model.model_dim**-0.5)


def tied_head(model, _):
    model.lm_head.weight = model.shared.weight


def other_epsilon(model, _):
    for module in model.modules():
        if hasattr(module, "variance_epsilon"):
            module.variance_epsilon *= 30 if module.variance_epsilon < 1e-3 else 3


def norms_without(model, _):
    for name, module in model.named_modules():
        if name.endswith("final_layer_norm"):
            module.forward = lambda states: states


def mechanisms(case):
    table = {
        "no relative bias in the encoder": no_bias("encoder"),
        "encoder's buckets one-sided": one_sided,
        "buckets of twice the distance": other_buckets,
        "bias in the first layer only": bias_of_first_layer_only,
        "scores scaled": scaled_scores,
        "tanh as activation": other_activation,
        "no last norms": norms_without,
    }
    if not case.encoder:
        table |= {
            "no relative bias in the decoder": no_bias("decoder"),
            "decoder's buckets two-sided": two_sided,
            "no cross-attention": no_cross_attention,
            "no causal mask": no_causal_mask,
            "scale before the head": other_scale,
        }
    if case.config.get("feed_forward_proj", "relu").startswith("gated"):
        table["gate and up swapped"] = swapped_gate
    if case.config.get("feed_forward_proj") == "gated-gelu":
        table["epsilon"] = other_epsilon
    if case.own_head:
        table["tied head"] = tied_head
    return table


def stored(case, tensors):
    kept = dict(tensors)
    if not case.own_head:
        kept.pop("lm_head.weight", None)
    if not case.older:
        return {name: tensor for name, tensor in kept.items() if not name.endswith("embed_tokens.weight")}
    if case.encoder:
        return kept
    first = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    return kept | {first: torch.ones(32, 3)}


def class_of(case):
    if case.encoder:
        return MT5EncoderModel if case.mt5 else T5EncoderModel
    return MT5ForConditionalGeneration if case.mt5 else T5ForConditionalGeneration


def stored_config(case, model, plain):
    if case.older:
        config = plain | {"model_type": "t5", "n_positions": 512, "output_past": True, "dropout_rate": 0.1}
        config |= {"is_encoder_decoder": not case.encoder, "eos_token_id": 1, "pad_token_id": 0}
        return config | {"architectures": ["T5EncoderModel" if case.encoder else "T5WithLMHeadModel"]}
    config = model.config.to_dict() | {"architectures": [type(model).__name__]}
    if case.own_head:
        config["tie_word_embeddings"] = False
        config.pop("scale_decoder_outputs", None)
    return config


def saved(name, case):
    """The model as it is loaded from the case's folder, which is written."""
    folder = common.fresh_folder(HERE / name)
    plain = SIZES | case.config
    if case.own_head:
        plain["tie_word_embeddings"] = False
    model = class_of(case)((MT5Config if case.mt5 else T5Config)(**plain))
    common.redraw(model, case.seed, adjusted=case.adjusted)
    if case.own_head:
        generator = torch.Generator().manual_seed(case.seed + 1)
        model.lm_head.weight = torch.nn.Parameter(0.35 * torch.randn(model.shared.weight.shape, generator=generator))
    common.save_weights(folder, stored(case, model.state_dict()))
    config = stored_config(case, model, plain)
    common.save_config(folder, {key: value for key, value in config.items() if value is not None})
    return common.load(class_of(case), folder, unexpected=("EncDecAttention.relative_attention_bias.weight",))


def make(name, case):
    model = saved(name, case)
    pairs.record(
        pairs.PairRecording(
            HERE / name,
            model,
            VOCABULARY,
            VOCABULARY,
            start=0,
            end=1,
            mechanisms=mechanisms(case) | common.leave_out_vectors(model),
            seed=case.seed,
            source_length=45,
            # transformers 5.23 makes its cache by num_layers, which is too short for a deeper decoder
            generate={"use_cache": case.config["num_decoder_layers"] <= case.config["num_layers"]},
        )
    )


def make_encoder(name, case):
    print(f"t5/{name}")
    model = saved(name, case)
    ids = torch.tensor([common.draw_ids(53, VOCABULARY, case.seed)])

    def results_of(changed):
        return {"last_hidden_state": changed(ids).last_hidden_state[0]}

    expected = results_of(model)
    doubled = results_of(copy.deepcopy(model).double())["last_hidden_state"].float()
    output = model(ids, output_hidden_states=True, output_attentions=True)
    common.write_recording(
        HERE / name,
        {"input_ids": ids} | expected | common.watched(output, attentions=True),
        {
            "tolerance": common.TOLERANCE,
            "versions": common.versions(),
            "float32_noise": common.rounded(
                common.checked_noise(common.relative_change(doubled, expected["last_hidden_state"]))
            ),
            "attention_entropy": common.checked_entropy(output.attentions, causal=False),
            "sensitivity": common.sensitivity(model, results_of, mechanisms(case) | common.leave_out_vectors(model)),
        },
    )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        (make_encoder if CASES[chosen].encoder else make)(chosen, CASES[chosen])
