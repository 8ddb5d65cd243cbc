"""What the recipes of encoders share: cases, mechanisms that every encoder of text has, and their recordings.

A recipe says in a `Family` how its configs and tensors are called, and in a table of `Case` which class, sizes and
spelling each folder has. No architecture is named here.
"""

import copy
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import torch
import transformers
from torch import nn
from transformers.activations import ACT2FN

sys.path.insert(0, str(Path(__file__).resolve().parent))
import common  # noqa: E402


@dataclass
class Case:
    seed: int
    class_name: str
    config: dict = field(default_factory=dict)  # over the family's small config
    naming: str = "newer"  # as transformers 5 saves; the recipe knows the others
    length: int = 45  # two pages of 32 slots
    labels: int = 2
    adjusted: dict = field(default_factory=dict)
    attentions: bool = False  # recorded in one case, for the size of the repository
    is_changed_by_files: bool = False  # the files hold something that the model in memory did not have
    without_effect: tuple = ()  # ends of vectors that the results cannot show, with the reason beside it


@dataclass
class Family:
    folder: Path
    module: str  # of the reference
    config_class: type
    config: dict  # small sizes
    stored_config: object  # function(case, config) -> the keys of config.json
    stored_tensors: object  # function(case, state) -> the tensors as the file names them
    mechanisms: object  # function(case, config) -> the family's own
    names: dict  # ends of the layers "query", "key", "output" (of attention); the config's key for "heads"
    unexpected: tuple = ()  # ends of names in the files that the reference has no use for
    pad: int = -1  # an id that the ids must hold in several places
    token_types: int = 0  # where the config does not say how many there are


# ---- running the reference -------------------------------------------------------------------------------------------


def results(output, length):
    """The outputs of a head by our names (ModelHead); what is about each token has a row for each."""
    found = {}
    for name, value in output.items():
        if not isinstance(value, torch.Tensor):  # hidden states and maps of attention
            continue
        value = value[0]
        if name == "prediction_logits":
            name = "logits"
        found[name] = value.unsqueeze(-1) if value.shape == (length,) else value
    return found


def run(model, inputs):
    """One text; where the class wants several to choose from, it is the only one."""
    choices = "MultipleChoice" in type(model).__name__
    tensors = {name: torch.tensor([[ids]] if choices else [ids]) for name, ids in inputs.items()}
    return model(**tensors, output_hidden_states=True, output_attentions=True)


def results_of(inputs):
    return lambda model: results(run(model, inputs), len(inputs["input_ids"]))


def token_types(config):
    return config.get("type_vocab_size", 0)


def draw_inputs(family, case, config):
    ids = common.draw_ids(case.length, config["vocab_size"], case.seed)
    if family.pad >= 0:  # between, side by side, and at the end
        for place in (4, 5, 20, case.length - 1):
            ids[place] = family.pad
    inputs = {"input_ids": ids}
    types = family.token_types or token_types(config)
    if types > 0:
        inputs["token_type_ids"] = common.draw_ids(case.length, types, case.seed + 1)
    return inputs


# ---- mechanisms of every encoder -------------------------------------------------------------------------------------


def modules_named(model, ending):
    found = [module for name, module in model.named_modules() if name.endswith(ending)]
    common.check(found, f"no module {ending}")
    return found


def zeroed(ending):
    def mutate(model, stack):
        for module in modules_named(model, ending):
            module.weight.zero_()

    return mutate


def rolled(ending, by=1):
    """Each row of a table in the next one's place."""

    def mutate(model, stack):
        for module in modules_named(model, ending):
            module.weight.copy_(module.weight.roll(by, 0))

    return mutate


def transposed(ending):
    def mutate(model, stack):
        for module in modules_named(model, ending):
            module.weight.copy_(module.weight.T.clone())

    return mutate


def attribute(name, value):
    """Sets an attribute wherever a module has it."""

    def mutate(model, stack):
        owners = [module for module in model.modules() if name in vars(module) or name in module._modules]
        common.check(owners, f"no attribute {name}")
        for owner in owners:
            setattr(owner, name, value)

    return mutate


def exchanged(first, second):
    """The weights and biases of two layers, one for the other."""

    def mutate(model, stack):
        for one, other in zip(modules_named(model, first), modules_named(model, second), strict=True):
            state = copy.deepcopy(one.state_dict())
            one.load_state_dict(other.state_dict())
            other.load_state_dict(state)

    return mutate


def interleaved_heads(ending, heads):
    """The attention's result with the values of all heads in turn, not head after head."""

    def mutate(model, stack):
        for module in modules_named(model, ending):
            weight = module.weight.clone()
            module.weight.copy_(weight.view(len(weight), heads, -1).transpose(1, 2).reshape(weight.shape))

    return mutate


def causal(module):
    """Each token sees those before it only."""

    def mask(inputs_embeds, **_):
        length = inputs_embeds.shape[1]
        return torch.full((length, length), -1e30, dtype=inputs_embeds.dtype).triu(1)[None, None]

    def mutate(model, stack):
        stack.enter_context(patch(f"{module}.create_bidirectional_mask", mask))

    return mutate


def epsilon(value):
    def mutate(model, stack):
        for module in model.modules():
            if isinstance(module, nn.LayerNorm):
                module.eps = value

    return mutate


def last_row_first(model, stack):
    """A summary of the last token in place of the first."""
    base = getattr(model, model.base_model_prefix, model)
    encoder = next(module for name, module in base.named_children() if name in ("encoder", "transformer"))

    def turned(module, arguments, output):
        output["last_hidden_state"] = output["last_hidden_state"].flip(1)
        return output

    stack.callback(encoder.register_forward_hook(turned).remove)


def exchanged_rows(ending):
    """A layer of two outputs, one for the other."""

    def mutate(model, stack):
        for module in modules_named(model, ending):
            module.weight.copy_(module.weight.flip(0))
            module.bias.copy_(module.bias.flip(0))

    return mutate


def own_head(decoder, words):
    """An untied head tied after all."""

    def mutate(model, stack):
        model.get_submodule(decoder).weight = nn.Parameter(model.get_submodule(words).weight.clone())

    return mutate


def activations(attribute_name, right, around_gelu):
    """Other activations; the two forms of GELU only where the weights are put where they differ."""
    others = {"gelu": ["relu"], "gelu_new": ["relu"], "relu": ["gelu"], "silu": ["gelu"], "tanh": ["relu"]}[right]
    if around_gelu:
        others.append({"gelu": "gelu_new", "gelu_new": "gelu"}[right])
    return {f"{attribute_name}: {name}": attribute(attribute_name, ACT2FN[name]) for name in others}


def encoder_mechanisms(family, case, config, eps):
    """Embeddings, attention and norms, by the family's names."""
    names = family.names
    table = {
        "position": zeroed("position_embeddings"),
        "position shifted by one": rolled("position_embeddings"),
        "bidirectional attention": causal(family.module),
        "scale": attribute("scaling", 1.0),
        "order of query and key": exchanged(names["query"], names["key"]),
        "query transposed": transposed(names["query"]),
        "order of heads": interleaved_heads(names["output"], config[names["heads"]]),
        "epsilon": epsilon(eps),
    }
    if token_types(config) > 0:
        table["token types"] = zeroed("token_type_embeddings")
    if token_types(config) > 1:
        table["order of token types"] = rolled("token_type_embeddings")
    if "QuestionAnswering" in case.class_name:
        table["order of start and end"] = exchanged_rows("qa_outputs")
    return table


def vectors(family, case, model):
    """Norm weights and biases. A key's bias adds the same to all scores of a row, which softmax does not see."""
    without = (*case.without_effect, f"{family.names['key']}.bias")
    table = common.leave_out_vectors(model)
    return {name: mutate for name, mutate in table.items() if not name.endswith(without)}


# ---- one case --------------------------------------------------------------------------------------------------------


def make(family, name, case):
    print(f"{family.folder.name}/{name}")
    folder = common.fresh_folder(family.folder / name)
    config = family.config | case.config
    if case.labels != 2:
        config["id2label"] = {str(label): f"LABEL_{label}" for label in range(case.labels)}
        config["label2id"] = {f"LABEL_{label}": label for label in range(case.labels)}
    model_class = getattr(transformers, case.class_name)
    model = model_class(family.config_class.from_dict(copy.deepcopy(config)))
    common.redraw(model, case.seed, adjusted=case.adjusted)
    model.set_attn_implementation("eager")
    common.save_weights(folder, family.stored_tensors(case, model.state_dict()))
    common.save_config(folder, dict(sorted(family.stored_config(case, config).items())))

    inputs = draw_inputs(family, case, config)
    compute = results_of(inputs)
    expected = compute(model)
    model = common.load(model_class, folder, unexpected=family.unexpected)
    # Not bit for bit: products of one row may take another way where memory is aligned otherwise.
    is_same = common.largest_change(compute(model), expected) < 1e-5
    common.check(is_same != case.is_changed_by_files, f"{name}: the folder is another model")
    record(family, folder, model, case, config, inputs)


def record(family, folder, model, case, config, inputs):
    compute = results_of(inputs)
    expected = compute(model)
    common.check(all(torch.isfinite(value).all() for value in expected.values()), "results are not finite")
    output = run(model, inputs)
    entropy = common.checked_entropy(output.attentions, causal=False)
    doubled = compute(copy.deepcopy(model).double())
    noise = common.checked_noise(
        common.largest_change({key: value.float() for key, value in doubled.items()}, expected)
    )
    mechanisms = family.mechanisms(case, config) | vectors(family, case, model)
    tensors = {key: torch.tensor([ids]) for key, ids in inputs.items()} | expected
    common.write_recording(
        folder,
        tensors | common.watched(output, case.attentions),
        {
            "tolerance": common.TOLERANCE,
            "versions": common.versions(),
            "float32_noise": common.rounded(noise),
            "attention_entropy": entropy,
            "sensitivity": common.sensitivity(model, compute, mechanisms),
        },
    )


def main(family, cases):
    for name in sys.argv[1:] or cases:
        make(family, name, cases[name])
