"""Tiny T5 models and what transformers computes with them. Run: python recipe.py [case ...]"""

import copy
import importlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import torch
import transformers
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
    class_name: str = "T5ForConditionalGeneration"
    own_head: bool = False
    whole: bool = False  # the file of an encoder holds the decoder and the head as well
    older: bool = False  # the hub's naming: copies of the table, n_positions, no keys of transformers 5
    adjusted: dict = field(default_factory=dict)

    @property
    def encoder(self):
        """Alone."""
        return self.class_name.endswith(("EncoderModel", "ForTokenClassification"))

    @property
    def family(self):
        return self.class_name[: self.class_name.index("T5") + 2]


SIZES = {"vocab_size": VOCABULARY, "d_model": 24, "d_kv": 7, "d_ff": 29, "num_heads": 3, "decoder_start_token_id": 0}
# Scores have no scale, so keys and queries are small; the buckets are drawn large, so that each one shows.
SMALL = {".q.weight": (0.6, 0.0), ".k.weight": (0.6, 0.0), "relative_attention_bias": (4.0, 0.0),
         "decoder.final_layer_norm.weight": pairs.UNLIKE_ITS_INPUT}
TWO_AND_ONE = {"num_layers": 2, "num_decoder_layers": 1}
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
        "MT5ForConditionalGeneration",
        adjusted=SMALL | {"shared.weight": (1.0, 0.0)},
    ),
    # sentence-transformers/sentence-t5-base, as its encoder lies on the hub
    "encoder": Case(44, {"num_layers": 2}, "T5EncoderModel", older=True, adjusted=SMALL),
    "mt5_encoder": Case(45, {"num_layers": 2, "feed_forward_proj": "gated-gelu", "layer_norm_epsilon": 0.01},
                        "MT5EncoderModel", adjusted=SMALL),
    # a whole model, of which the class reads one half
    "encoder_of_whole": Case(46, TWO_AND_ONE, "T5EncoderModel", whole=True, adjusted=SMALL),
    "base": Case(47, TWO_AND_ONE, "T5Model", adjusted=SMALL),
    "sequence_classification": Case(48, TWO_AND_ONE, "T5ForSequenceClassification", adjusted=SMALL),
    "token_classification": Case(49, {"num_layers": 2}, "T5ForTokenClassification", adjusted=SMALL),
    "question_answering": Case(50, TWO_AND_ONE, "T5ForQuestionAnswering", adjusted=SMALL),
    "mt5_base": Case(141, TWO_AND_ONE, "MT5Model", adjusted=SMALL),
    "mt5_sequence_classification": Case(142, TWO_AND_ONE, "MT5ForSequenceClassification", adjusted=SMALL),
    "mt5_token_classification": Case(143, {"num_layers": 2}, "MT5ForTokenClassification", adjusted=SMALL),
    # google/umt5-small: each layer its own bias, a head of its own, not scaled
    "umt5": Case(
        144, {"num_layers": 2, "num_decoder_layers": 2}, "UMT5ForConditionalGeneration", own_head=True, adjusted=SMALL
    ),
    "umt5_tied": Case(
        145,
        {"num_layers": 3, "num_decoder_layers": 2, "feed_forward_proj": "relu"},
        "UMT5ForConditionalGeneration",
        adjusted=SMALL,
    ),
    "umt5_encoder": Case(146, {"num_layers": 2}, "UMT5EncoderModel", adjusted=SMALL),
}


def base(model):
    return getattr(model, "transformer", model)


def attentions(model, kind):
    return [module for name, module in model.named_modules() if name.endswith(kind)]


def no_bias(stack):
    def mutate(model, _):
        for block in base(model).get_submodule(stack).block:
            if hasattr(block.layer[0].SelfAttention, "relative_attention_bias"):
                block.layer[0].SelfAttention.relative_attention_bias.weight.zero_()

    return mutate


def one_sided(model, _):
    for block in base(model).encoder.block:
        block.layer[0].SelfAttention.is_decoder = True


def two_sided(model, _):
    for block in base(model).decoder.block:
        block.layer[0].SelfAttention.is_decoder = False


def other_buckets(model, _):
    for attention in attentions(model, "SelfAttention"):
        attention.relative_attention_max_distance *= 2


def scaled_scores(model, _):
    for name, module in model.named_modules():
        if name.endswith("Attention"):
            module.scaling = module.key_value_proj_dim**-0.5


def stacks(model):
    return [getattr(base(model), name) for name in ("encoder", "decoder") if hasattr(base(model), name)]


def bias_of_first_layer_for_all(model, _):
    for stack in stacks(model):
        for block in stack.block:
            attention = block.layer[0].SelfAttention
            attention.relative_attention_bias = stack.block[0].layer[0].SelfAttention.relative_attention_bias


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


def no_causal_mask(model, stack):
    module = importlib.import_module(type(model).__module__)
    stack.enter_context(patch.object(module, "create_causal_mask", lambda **_: None))


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
    keys = {"UMT5Config": "tie_word_embeddings", "T5Config": "scale_decoder_outputs"}
    key = keys.get(type(model.config).__name__, "")
    if getattr(model.config, key, False):
        setattr(model.config, key, False)
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


CONFIGS_DEFAULT = {"T5": "relu", "MT5": "gated-gelu", "UMT5": "gated-gelu"}  # of feed_forward_proj


def mechanisms(case):
    table = {
        "no relative bias in the encoder": no_bias("encoder"),
        "encoder's buckets one-sided": one_sided,
        "buckets of twice the distance": other_buckets,
        "scores scaled": scaled_scores,
        "tanh as activation": other_activation,
        "no last norms": norms_without,
    }
    if case.family == "UMT5":
        table["the first layer's bias in all"] = bias_of_first_layer_for_all
    else:
        table["bias in the first layer only"] = bias_of_first_layer_only
    if case.class_name.endswith("ForSequenceClassification"):
        table["the first row"] = pairs.first_row(base)
    if case.class_name.endswith("ForQuestionAnswering"):
        table["order of start and end"] = pairs.exchanged_rows
    if case.class_name.endswith("ForConditionalGeneration"):
        table["scale before the head"] = other_scale
    if not case.encoder:
        table |= {
            "no relative bias in the decoder": no_bias("decoder"),
            "decoder's buckets two-sided": two_sided,
            "no cross-attention": no_cross_attention,
            "no causal mask": no_causal_mask,
        }
    if case.config.get("feed_forward_proj", CONFIGS_DEFAULT[case.family]).startswith("gated"):
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
    return getattr(transformers, case.class_name)


def rest_of_whole(case, model):
    """What the file of a whole model holds beside the encoder."""
    other = transformers.T5ForConditionalGeneration(model.config)
    common.redraw(other, case.seed + 2)
    return {name: t for name, t in other.state_dict().items() if name.startswith("decoder") or name == "lm_head.weight"}


def stored_config(case, model, plain):
    if case.older:
        config = plain | {"model_type": "t5", "n_positions": 512, "output_past": True, "dropout_rate": 0.1}
        config |= {"is_encoder_decoder": not case.encoder, "eos_token_id": 1, "pad_token_id": 0}
        return config | {"architectures": ["T5EncoderModel" if case.encoder else "T5WithLMHeadModel"]}
    config = model.config.to_dict() | {"architectures": [type(model).__name__]}
    if case.own_head:
        config["tie_word_embeddings"] = False  # of UMT5, transformers does not keep it
        config.pop("scale_decoder_outputs", None)
    return config


def saved(name, case):
    """The model as it is loaded from the case's folder, which is written."""
    folder = common.fresh_folder(HERE / name)
    plain = SIZES | case.config
    if case.own_head:
        plain["tie_word_embeddings"] = False
    model = class_of(case)(getattr(transformers, case.family + "Config")(**plain))
    common.redraw(model, case.seed, adjusted=case.adjusted)
    if case.own_head:
        generator = torch.Generator().manual_seed(case.seed + 1)
        model.lm_head.weight = torch.nn.Parameter(0.35 * torch.randn(model.shared.weight.shape, generator=generator))
    common.save_weights(folder, stored(case, model.state_dict()) | (rest_of_whole(case, model) if case.whole else {}))
    config = stored_config(case, model, plain)
    common.save_config(folder, {key: value for key, value in config.items() if value is not None})
    model = common.load(class_of(case), folder, unexpected=("EncDecAttention.relative_attention_bias.weight", "lm_head.weight"))
    if case.own_head:  # transformers 5 takes it for true in UMT5, which scales what was not trained so; 4 did not
        model.config.tie_word_embeddings = False
    return model


def make(name, case):
    model = saved(name, case)
    recording = pairs.PairRecording(
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
    if case.class_name.endswith("ForConditionalGeneration"):
        return pairs.record(recording)
    pairs.record_head(recording, lambda source: model._shift_right(torch.tensor([source]))[0].tolist())


def make_encoder(name, case):
    print(f"t5/{name}")
    model = saved(name, case)
    ids = torch.tensor([common.draw_ids(53, VOCABULARY, case.seed)])

    result = "logits" if case.class_name.endswith("ForTokenClassification") else "last_hidden_state"

    def results_of(changed):
        return {result: changed(ids)[result][0]}

    expected = results_of(model)
    doubled = results_of(copy.deepcopy(model).double())[result].float()
    output = model(ids, output_hidden_states=True, output_attentions=True)
    common.write_recording(
        HERE / name,
        {"input_ids": ids} | expected | common.watched(output, attentions=True),
        {
            "tolerance": common.TOLERANCE,
            "versions": common.versions(),
            "float32_noise": common.rounded(
                common.checked_noise(common.relative_change(doubled, expected[result]))
            ),
            "attention_entropy": common.checked_entropy(output.attentions, causal=False),
            "sensitivity": common.sensitivity(model, results_of, mechanisms(case) | common.leave_out_vectors(model)),
        },
    )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        (make_encoder if CASES[chosen].encoder else make)(chosen, CASES[chosen])
