"""Tiny XLNet models and what transformers computes with them. Run: python recipe.py [case ...]

Beside the plain recording of an encoder, a case has `segments.safetensors`: calls with a perm_mask, a target_mapping and
a memory, whose inputs and results stand under "<call>.<name>"; golden.json lists them under "segments".
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import torch
from safetensors.torch import load_file, save_file
from transformers import XLNetConfig
from transformers.models.xlnet import modeling_xlnet

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402
import encoders  # noqa: E402

SMALL = {
    "clamp_len": -1,
    "d_inner": 34,
    "d_model": 30,
    "ff_activation": "gelu",
    "mem_len": None,
    "n_head": 6,
    "n_layer": 2,
    "vocab_size": 41,
}
LARGER = {"d_inner": 52, "d_model": 42, "n_head": 6, "n_layer": 3, "vocab_size": 67}


@dataclass
class Call:
    """One call with the options of segments. Its memory is what the call before it left, where it remembers."""

    length: int
    token_types: bool = True
    permuted: bool = False
    targets: tuple = ()  # places by their rank in the permutation; without one, places
    remembers: bool = False


# There is no norm before the first layer: with vectors of the usual size its attention would be nearly uniform.
VECTORS = {"word_embedding": (3.0, 0.0)}


@dataclass
class Case(encoders.Case):
    adjusted: dict = field(default_factory=lambda: VECTORS)
    calls: tuple = ()


# A memory of 23 and 57 tokens: within a page of slots, and across.
MEMORY = (Call(23), Call(34, remembers=True), Call(11, remembers=True))
STREAMS = (
    Call(37, permuted=True, targets=(36, 20, 5)),
    Call(9, targets=(8, 2), token_types=False),
    Call(33, permuted=True, targets=(0, 32), token_types=False),  # what is first in the order sees nothing
    Call(12, permuted=True),
)
BOTH = (Call(21), Call(14, permuted=True, targets=(3, 13), remembers=True), Call(7, targets=(6,), remembers=True))

CASES = {
    # xlnet-base-cased: pytorch_model.bin with the head that is tied, keys of older versions
    "hub": Case(101, "XLNetLMHeadModel", LARGER, naming="hub", length=70, attentions=True, calls=STREAMS + BOTH),
    "hidden_states": Case(102, "XLNetModel", {"ff_activation": "relu"}, calls=MEMORY),
    # Its longer continuation ends where the memory is full.
    "own_head": Case(
        103, "XLNetLMHeadModel", {"tie_word_embeddings": False, "clamp_len": 5, "mem_len": 64}, calls=BOTH
    ),
    "tied_r": Case(104, "XLNetModel", {"ff_activation": "silu"}, naming="tied_r", length=33, is_changed_by_files=True),
    "causal": Case(105, "XLNetModel", {"attn_type": "uni", "mem_len": 512}, attentions=True, calls=MEMORY + STREAMS),
    "same_length": Case(
        106, "XLNetModel", {"attn_type": "uni", "same_length": True, "mem_len": 29}, length=9, calls=MEMORY + BOTH
    ),
    "reused": Case(107, "XLNetModel", {"mem_len": 30, "reuse_len": 19, "n_layer": 3}, calls=MEMORY + BOTH),
    "sequence_classification": Case(108, "XLNetForSequenceClassification", labels=4),
    "first_row": Case(
        109,
        "XLNetForSequenceClassification",
        {"summary_type": "first", "summary_activation": "relu", "n_layer": 1},
    ),
    "plain_summary": Case(110, "XLNetForSequenceClassification", {"summary_use_proj": False}),
    "token_classification": Case(111, "XLNetForTokenClassification", labels=7, calls=MEMORY[:2]),
    "question_answering": Case(112, "XLNetForQuestionAnsweringSimple"),
    "multiple_choice": Case(113, "XLNetForMultipleChoice", {"summary_type": "cls_index"}),
}


def stored_config(case, config):
    both = {
        "attn_type": "bi",
        "bi_data": False,
        "reuse_len": None,
        "same_length": False,
        "summary_activation": "tanh",
        "summary_type": "last",
        "summary_use_proj": True,
    }
    both |= config | {
        "architectures": [case.class_name],
        "bos_token_id": 1,
        "d_head": config["d_model"] // config["n_head"],
        "dropout": 0.1,
        "end_n_top": 5,
        "eos_token_id": 2,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "model_type": "xlnet",
        "pad_token_id": 5,
        "start_n_top": 5,
        "summary_last_dropout": 0.1,
        "untie_r": case.naming != "tied_r",
    }
    if case.naming == "hub":
        return both | {"task_specific_params": {"text-generation": {"do_sample": True, "max_length": 250}}}
    return {"dtype": "float32", "use_mems_eval": True, "use_mems_train": False} | both


def stored_tensors(case, state):
    if case.naming == "tied_r":  # as an older checkpoint whose biases were one for all layers
        for name in ("r_w_bias", "r_r_bias", "r_s_bias"):
            for layer in range(1, 2):
                state[f"layer.{layer}.rel_attn.{name}"] = state[f"layer.0.rel_attn.{name}"]
    if case.class_name == "XLNetLMHeadModel" and case.naming != "hub" and case.config.get("tie_word_embeddings", True):
        state = common.untied(state, "lm_loss.weight")
    return state


# ---- mechanisms ------------------------------------------------------------------------------------------------------


def parameters(model, ending):
    found = [parameter for name, parameter in model.named_parameters() if name.endswith(ending)]
    common.check(found, f"no parameter {ending}")
    return found


def changed(ending, change):
    def mutate(model, stack):
        for parameter in parameters(model, ending):
            parameter.copy_(change(parameter.clone()))

    return mutate


def exchanged_keys(model, stack):
    for query, key in zip(parameters(model, "rel_attn.q"), parameters(model, "rel_attn.k"), strict=True):
        kept = query.clone()
        query.copy_(key)
        key.copy_(kept)


def distances(change):
    """Other distances than those that the model counts."""
    right = modeling_xlnet.XLNetModel.positional_embedding

    def mutate(model, stack):
        def wrong(position, frequencies, size=None):
            return right(change(position), frequencies, size)

        stack.enter_context(patch.object(modeling_xlnet.XLNetModel, "positional_embedding", staticmethod(wrong)))

    return mutate


def interleaved_sinusoids(model, stack):
    right = modeling_xlnet.XLNetModel.positional_embedding

    def wrong(position, frequencies, size=None):
        embedding = right(position, frequencies, size)
        return embedding.unflatten(-1, (2, -1)).transpose(-1, -2).flatten(-2)

    stack.enter_context(patch.object(modeling_xlnet.XLNetModel, "positional_embedding", staticmethod(wrong)))


def base_attribute(name, value):
    def mutate(model, stack):
        setattr(getattr(model, "transformer", model), name, value)

    return mutate


def flipped_summary(model, stack):
    def turned(module, arguments, output):
        output["last_hidden_state"] = output["last_hidden_state"].flip(1)
        return output

    stack.callback(model.transformer.register_forward_hook(turned).remove)


def zero(parameter):
    return torch.zeros_like(parameter)


def mechanisms(case, config, of_segments=False):
    heads, size = config["n_head"], config["d_model"] // config["n_head"]
    table = {
        "position": changed("rel_attn.r", zero),
        "direction of distances": distances(lambda position: -position),
        "distances shifted by one": distances(lambda position: position + 1),
        "sines beside cosines": interleaved_sinusoids,
        "bias of content": changed("r_w_bias", zero),
        "bias of position": changed("r_r_bias", zero),
        "bias of segments": changed("r_s_bias", zero),
        "segments": changed("seg_embed", zero),
        "order of segments": changed("seg_embed", lambda both: both.flip(0)),
        "scale": encoders.attribute("scale", 1.0),
        "order of query and key": exchanged_keys,
        "query transposed": changed("rel_attn.q", lambda q: q.flatten(1).T.reshape(q.shape)),
        "output transposed": changed("rel_attn.o", lambda o: o.flatten(1).T.reshape(o.shape)),
        "order of heads": changed(
            "rel_attn.o", lambda o: o.flatten(1).unflatten(1, (size, heads)).transpose(1, 2).reshape(o.shape)
        ),
        "epsilon": encoders.epsilon(5e-2),
        "clamp_len": base_attribute("clamp_len", -1 if config["clamp_len"] > 0 else 5),
    }
    is_causal = config.get("attn_type") == "uni"
    table["attn_type"] = base_attribute("attn_type", "bi" if is_causal else "uni")
    if is_causal:
        table["same_length"] = base_attribute("same_length", not config.get("same_length", False))
    if config.get("same_length") and not of_segments:  # without a memory, a token sees nothing but itself
        about_values = ("output transposed", "order of heads", "epsilon", "attn_type", "same_length")
        table = {name: table[name] for name in about_values}
    table |= encoders.activations("activation_function", config["ff_activation"], False)
    if case.class_name.endswith(("SequenceClassification", "MultipleChoice")):
        table["row of the summary"] = flipped_summary
        table["activation of the summary"] = encoders.attribute("activation", torch.nn.Sigmoid())
    if config.get("tie_word_embeddings") is False:
        table["own head"] = encoders.own_head("lm_loss", "transformer.word_embedding")
    if case.class_name.endswith("QuestionAnsweringSimple"):
        table["order of start and end"] = encoders.exchanged_rows("qa_outputs")
    return table


# ---- segments --------------------------------------------------------------------------------------------------------


@dataclass
class Inputs:
    """What a call gets; a mechanism changes it to show that it matters."""

    ids: list
    token_types: list
    perm_mask: object  # [n, n] or None
    targets: list
    remembers: bool
    at: list = field(default_factory=list)  # where the rows of the targets are put; the targets


def draw_calls(case, vocabulary):
    calls = []
    for number, call in enumerate(case.calls):
        seed = 100 * case.seed + 10 * number
        ids = common.draw_ids(call.length, vocabulary, seed)
        types = common.draw_ids(call.length, 3, seed + 1) if call.token_types else []
        order = list(range(call.length))
        mask = None
        if call.permuted:
            order = torch.randperm(call.length, generator=torch.Generator().manual_seed(seed + 2)).tolist()
            rank = torch.empty(call.length, dtype=torch.long)
            rank[order] = torch.arange(call.length)
            mask = (rank[None, :] >= rank[:, None]).float()  # [i, j]: j comes later than i, or is i
        targets = [order[rank] for rank in call.targets]
        calls.append(Inputs(ids, types, mask, targets, call.remembers, targets))
    return calls


def run_call(model, call, memory):
    n = len(call.ids)
    arguments = {"input_ids": torch.tensor([call.ids]), "use_mems": True}
    if call.token_types:
        arguments["token_type_ids"] = torch.tensor([call.token_types])
    if call.perm_mask is not None:
        arguments["perm_mask"] = call.perm_mask[None]
    if call.targets:
        arguments["target_mapping"] = torch.nn.functional.one_hot(torch.tensor([call.at]), n).float()
    if call.remembers:
        arguments["mems"] = memory
    return model(**arguments, output_hidden_states=True, output_attentions=True)


def watched(call, output, attentions):
    """Both streams by our names."""
    if not call.targets:
        return common.watched(output, attentions)
    tensors = {}
    for index, states in enumerate(output.hidden_states):
        prefix = "query_" if index % 2 else ""
        tensors[f"{prefix}hidden_states.{index // 2}"] = states[0]
    for layer, (content, query) in enumerate(output.attentions if attentions else ()):
        tensors |= {f"attentions.{layer}": content[0], f"query_attentions.{layer}": query[0][:, call.at]}
    return tensors


def results_of_calls(calls):
    """Every call's results, one after another."""

    def compute(model):
        found, memory = {}, None
        for number, call in enumerate(calls):
            output = run_call(model, call, memory)
            memory = output.mems
            for name, value in encoders.results(output, len(call.ids)).items():
                found[f"{number}.{name}"] = value
        return found

    return compute


def changed_calls(calls, change):
    return [Inputs(**(vars(call) | change(call))) for call in calls]


def segment_table(case, model, calls, config):
    """What becomes of the results without one of the inputs, or with it done wrongly."""
    expected = results_of_calls(calls)(model)
    wrong = {"token types": lambda call: {"token_types": []}}
    if any(call.perm_mask is not None for call in calls):
        wrong["perm_mask"] = lambda call: {"perm_mask": None}
        wrong["perm_mask transposed"] = lambda call: {
            "perm_mask": None if call.perm_mask is None else call.perm_mask.T.contiguous()
        }
    if any(call.targets for call in calls):
        wrong["places of targets"] = lambda call: {"at": [(place + 1) % len(call.ids) for place in call.targets]}
    if any(call.remembers for call in calls):
        wrong["memory"] = lambda call: {"remembers": False}
    table = {}
    for name, change in wrong.items():
        found = results_of_calls(changed_calls(calls, change))(model)
        table[name] = common.rounded(common.largest_change(found, expected))
    kept = common.sensitivity(model, results_of_calls(calls), segment_mechanisms(case, calls, config))
    dull = [name for name, change in table.items() if change < common.SENSITIVITY_FACTOR * common.TOLERANCE]
    common.check(not dull, f"the results of segments do not show {dull}")
    return table | kept


def segment_mechanisms(case, calls, config):
    table = mechanisms(case, config, of_segments=True)
    if any(call.targets for call in calls):
        table["mask_emb"] = changed("mask_emb", zero)
    if any(call.remembers for call in calls):
        if config.get("mem_len") and config["mem_len"] < 60:  # longer ones are never full
            table["mem_len"] = base_attribute("mem_len", None)
        if config.get("reuse_len"):
            table["reuse_len"] = base_attribute("reuse_len", None)
    return table


def record_segments(folder, case, config):
    model_class = getattr(encoders.transformers, case.class_name)
    model = common.load(model_class, folder)
    calls = draw_calls(case, config["vocab_size"])
    tensors, memory, listed = {}, None, []
    for number, call in enumerate(calls):
        output = run_call(model, call, memory)
        memory = output.mems
        found = {"input_ids": torch.tensor([call.ids])} | encoders.results(output, len(call.ids))
        if call.token_types:
            found["token_type_ids"] = torch.tensor([call.token_types])
        if call.perm_mask is not None:
            found["perm_mask"] = call.perm_mask.to(torch.int64)
        if call.targets:
            found["target_mapping"] = torch.tensor(call.targets)
        found |= watched(call, output, case.attentions)
        common.check(all(torch.isfinite(value.float()).all() for value in found.values()), "results are not finite")
        tensors |= {f"{number}.{name}": value.contiguous().clone() for name, value in found.items()}
        listed.append({"remembers": call.remembers, "memory": memory[0].shape[0]})
    save_file(tensors, folder / "segments.safetensors")
    golden = json.loads((folder / "golden.json").read_text())
    golden |= {"segments": listed, "segment_sensitivity": segment_table(case, model, calls, config)}
    common.save_json(folder / "golden.json", golden)


# ---- continuations ---------------------------------------------------------------------------------------------------


PENALTY = 6.0


def greedy_path(model, name, prompt, count):
    """Greedy ids by transformers' generate, which adds the dummy token and keeps the memory. Without the penalty, models
    as small as these write the same token again and again."""
    model.generation_config = common.GenerationConfig(
        do_sample=False, max_new_tokens=count, pad_token_id=0, repetition_penalty=PENALTY
    )
    ids = torch.tensor([prompt])
    found = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        output_scores=True,
        return_dict_in_generate=True,
    )
    gaps = []
    for scores in found.scores:
        best = scores[0].topk(2).values
        gaps.append(((best[0] - best[1]) / scores[0].abs().max()).item())
    path = {"name": name, "penalty": PENALTY, "prompt": prompt, "ids": found.sequences[0, len(prompt) :].tolist()}
    return path | {"smallest_gap": common.rounded(min(gaps))}


def record_continuations(folder, case, config):
    """Into golden.json, under "continuations": "greedy" is what a forward pass over the whole text must give."""
    model = common.load(encoders.transformers.XLNetLMHeadModel, folder)
    for attempt in range(50):
        ids = common.draw_ids(40, config["vocab_size"], 1000 * case.seed + attempt)
        paths = [greedy_path(model, "short", ids[:5], 40), greedy_path(model, "long", ids, 24)]
        is_varied = min(len(set(path["ids"])) for path in paths) >= 8
        if is_varied and min(path["smallest_gap"] for path in paths) >= common.GAP_FACTOR * common.TOLERANCE:
            break
    else:
        common.check(False, f"{folder}: no prompt whose continuation is varied and without near ties")
    golden = json.loads((folder / "golden.json").read_text())
    common.save_json(folder / "golden.json", golden | {"continuations": paths})


# ---- cases -----------------------------------------------------------------------------------------------------------


def to_torch_file(folder):
    """pytorch_model.bin, as the first checkpoints are stored."""
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(state, folder / "pytorch_model.bin")


FAMILY = encoders.Family(
    folder=HERE,
    module="transformers.models.xlnet.modeling_xlnet",
    config_class=XLNetConfig,
    config=SMALL,
    stored_config=stored_config,
    stored_tensors=stored_tensors,
    mechanisms=mechanisms,
    names={"key": "rel_attn.k"},
    token_types=3,
)

if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        case = CASES[name]
        encoders.make(FAMILY, name, case)
        if case.naming == "hub":
            to_torch_file(HERE / name)
        if case.calls:
            record_segments(HERE / name, case, SMALL | case.config)
        if case.class_name == "XLNetLMHeadModel":
            record_continuations(HERE / name, case, SMALL | case.config)
