"""What every recipe shares: redrawing parameters, running the reference, proving sensitivity, writing the recordings.

The reference is Hugging Face transformers in float32 with attn_implementation="eager" on one thread.
README.md in this folder describes the files that come out.
"""

import copy
import itertools
import json
import math
import platform
import re
import shutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GenerationConfig
from transformers.utils import logging

TOLERANCE = 1e-4  # max|a-b| / max|b|, in float32 throughout
SENSITIVITY_FACTOR = 10  # a left-out mechanism moves the logits by at least this many tolerances
GAP_FACTOR = 4  # along a greedy path the two best logits differ by at least this many tolerances
NOISE_LIMIT = TOLERANCE / 5  # float32 against float64: what the arithmetic's order alone may move

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)
logging.set_verbosity_error()
logging.disable_progress_bar()


def check(condition, message):
    """Stops the recipe: a recording that proves nothing must not be written."""
    if not condition:
        sys.exit(f"recipe failed: {message}")


def relative_change(found, expected):
    """max|a-b| / max|b|, the measure of every comparison with the reference."""
    if not torch.isfinite(found).all():
        return math.inf
    return ((found - expected).abs().max() / expected.abs().max()).item()


def largest_change(found, expected):
    """The largest relative change of any of several results by name."""
    return max(relative_change(found[name], value) for name, value in expected.items())


def rounded(number):
    """Four significant digits: enough to read, few enough to stay comparable between machines."""
    return float(f"{number:.3e}")


# ---- making a model --------------------------------------------------------------------------------------------------


def redraw(model, seed, adjusted=None):
    """Draws every parameter anew, norms and biases too, so that no mechanism hides behind a zero or a one: matrices
    with standard deviation 0.35, biases 0.3, norm weights 1 + 0.3.

    `adjusted` maps a part of a name to (factor, offset) for the few parameters that a case needs otherwise.
    """
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() >= 2:
            value = noise * 0.35
        elif name.endswith("weight"):
            value = 1 + noise * 0.3
        else:
            value = noise * 0.3
        for part, (factor, offset) in (adjusted or {}).items():
            if part in name:
                value = value * factor + offset
        parameter.copy_(value)
    model.tie_weights()
    return model.eval()


def fresh_folder(path):
    """An empty folder, so that no file of an earlier recipe survives."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def save_json(path, value):
    text = json.dumps(value, indent=2, ensure_ascii=False)
    text = re.sub(r"\[[-+.\de,\s]*\]", lambda numbers: " ".join(numbers[0].split()), text)  # numbers on one line
    path.write_text(text + "\n", encoding="utf-8")


def save_config(folder, config):
    save_json(folder / "config.json", config)


def save_weights(folder, tensors, shards=1):
    """Writes model.safetensors, or `shards` files and their index, as save_pretrained lays them out."""
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    if shards == 1:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return
    names = list(tensors)
    part = math.ceil(len(names) / shards)
    weight_map = {}
    for number in range(shards):
        file = f"model-{number + 1:05}-of-{shards:05}.safetensors"
        chosen = names[number * part : (number + 1) * part]
        save_file({name: tensors[name] for name in chosen}, folder / file, metadata={"format": "pt"})
        weight_map |= {name: file for name in chosen}
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    save_json(folder / "model.safetensors.index.json", index)


def untied(tensors, tied_name):
    """The state without the tied head, which is one tensor under two names and is stored once."""
    return {name: tensor for name, tensor in tensors.items() if name != tied_name}


def load(model_class, folder, unexpected=(), computed=()):
    """Loads a folder as a user would, in float32 with eager attention, and insists that no weight was guessed.
    `unexpected` are the ends of names that are known to be of no use, `computed` those of weights that no file needs
    to have."""
    model, report = model_class.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    left = [name for name in report["unexpected_keys"] if not name.endswith(tuple(unexpected))]
    missing = [name for name in report["missing_keys"] if not name.endswith(tuple(computed))]
    for kind, names in {"missing": missing, "left over": left}.items():
        check(not names, f"{folder}: {kind} {names}")
    check(not report["mismatched_keys"], f"{folder}: of another shape: {report['mismatched_keys']}")
    return model.eval()


# ---- running the reference -------------------------------------------------------------------------------------------


def logits_of(model, ids):
    return model(torch.tensor([ids]), use_cache=False).logits[0]


def draw_ids(count, vocabulary, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, vocabulary, (count,), generator=generator).tolist()


def greedy(model, prompt, count):
    """Greedy ids by transformers' own generate with its cache; no token ends the sequence."""
    model = copy.deepcopy(model)
    model.generation_config = GenerationConfig(do_sample=False, max_new_tokens=count, pad_token_id=0)
    ids = torch.tensor([prompt])
    return model.generate(ids, attention_mask=torch.ones_like(ids))[0, len(prompt) :].tolist()


def greedy_recomputed(model, prompt, count):
    """Greedy ids when every step computes the whole sequence anew; also the smallest gap between the two best logits,
    relative to the largest logit."""
    model = copy.deepcopy(model)
    ids, smallest = list(prompt), math.inf
    for _ in range(count):
        last = logits_of(model, ids)[-1]
        best = last.topk(2).values
        smallest = min(smallest, ((best[0] - best[1]) / last.abs().max()).item())
        ids.append(int(last.argmax()))
    return ids[len(prompt) :], smallest


def attention_entropy(attentions, causal=True):
    """Per layer: mean entropy of the rows as a part of the uniform row's, over rows with at least eight keys."""
    found = []
    for layer in attentions:
        rows = layer[0, :, 8:] if causal else layer[0]
        keys = torch.arange(9, rows.shape[-1] + 1) if causal else torch.tensor([rows.shape[-1]])
        entropy = -(rows * rows.clamp_min(1e-30).log()).sum(-1)
        found.append((entropy / keys.log()).mean().item())
    return found


# ---- the proof of sensitivity ----------------------------------------------------------------------------------------


def leave_out_vectors(model, neutral=1.0):
    """One mutation for every norm weight (becomes `neutral`) and every bias (becomes zero)."""

    def mutation(name, value):
        def mutate(changed, _):
            changed.get_parameter(name).fill_(value)

        return mutate

    vectors = [name for name, parameter in model.named_parameters() if parameter.dim() == 1]
    return {name: mutation(name, neutral if name.endswith("weight") else 0.0) for name in vectors}


def sensitivity(model, results_of, mechanisms):
    """Relative change of the results for each mechanism that is left out or done wrongly.

    `results_of` gives a model's results by name; a mechanism is a function of (copy of the model, ExitStack for
    patches).
    """
    reference = results_of(copy.deepcopy(model))
    table = {}
    for name, mutate in mechanisms.items():
        changed = copy.deepcopy(model)
        with ExitStack() as stack:
            mutate(changed, stack)
            table[name] = rounded(largest_change(results_of(changed), reference))
        moved = SENSITIVITY_FACTOR * TOLERANCE <= table[name] < math.inf
        print(f"  {name:55} {table[name]:.1e}{'' if moved else '   NOT SENSITIVE'}")
    dull = [name for name, change in table.items() if not SENSITIVITY_FACTOR * TOLERANCE <= change < math.inf]
    check(not dull, f"the results do not show {dull}")
    return table


# ---- one case --------------------------------------------------------------------------------------------------------


@dataclass
class Recording:
    """How one saved model is run and what is written beside it."""

    folder: Path
    model: object  # as loaded from the folder
    vocabulary: int
    mechanisms: dict = field(default_factory=dict)
    length: int = 75  # three pages of 32 slots, the last one partly filled
    short_length: int = 5
    short_new_ids: int = 40  # decoding crosses a page
    long_new_ids: int = 24
    seed: int = 1
    length_dependent: bool = False  # rotation frequencies change with the length: see greedy_path
    hold_frequencies: object = None  # function of the model, needed where length_dependent
    crossing_length: int = 40  # a prompt whose continuation passes the border of 48
    attentions: bool = True
    extra: dict = field(default_factory=dict)  # further entries of golden.json
    to_double: object = torch.nn.Module.double  # how the float64 twin is made


def greedy_path(recording, name, prompt, count):
    """Greedy ids after one prompt. Where frequencies depend on the length there are three answers: `ids` (transformers
    with its cache, whose older keys keep the frequencies of their day), `recomputed_ids` (each step computes the whole
    sequence by its own length), `fixed_ids` (the prompt's length decides, once)."""
    cached = greedy(recording.model, prompt, count)
    recomputed, gap = greedy_recomputed(recording.model, prompt, count)
    path = {"name": name, "prompt": prompt, "ids": cached}
    if recording.length_dependent:
        fixed_model = copy.deepcopy(recording.model)
        logits_of(fixed_model, prompt)
        recording.hold_frequencies(fixed_model)
        fixed, fixed_gap = greedy_recomputed(fixed_model, prompt, count)
        path |= {"recomputed_ids": recomputed, "fixed_ids": fixed}
        gap = min(gap, fixed_gap)
    else:
        check(cached == recomputed, f"{recording.folder}: cached and recomputed greedy ids differ")
    return path | {"smallest_gap": rounded(gap)}


def choose_prompts(recording):
    """The first drawn prompts whose greedy paths have no near tie: a tie would test noise, not the model."""
    for attempt in itertools.count():
        check(attempt < 50, f"{recording.folder}: no prompt without near ties")
        ids = draw_ids(recording.length, recording.vocabulary, recording.seed * 1000 + attempt)
        paths = [
            greedy_path(recording, "short", ids[: recording.short_length], recording.short_new_ids),
            greedy_path(recording, "long", ids, recording.long_new_ids),
        ]
        if recording.length_dependent:
            paths.append(greedy_path(recording, "crossing", ids[: recording.crossing_length], recording.long_new_ids))
        if min(path["smallest_gap"] for path in paths) >= GAP_FACTOR * TOLERANCE:
            return ids, paths


def versions():
    names = ("torch", "transformers", "tokenizers", "safetensors", "gguf")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def checked_entropy(attentions, causal=True):
    entropy = attention_entropy(attentions, causal)
    check(max(entropy) < 0.8, f"attention is nearly uniform: {entropy}")
    return [rounded(value) for value in entropy]


def checked_noise(noise):
    check(noise < NOISE_LIMIT, f"float32 noise is {noise:.1e}: the model is too chaotic to compare")
    return noise


def watched(output, attentions):
    """What a reference's output holds beside its results."""
    tensors = {f"hidden_states.{i}": state[0] for i, state in enumerate(output.hidden_states)}
    if attentions:
        tensors |= {f"attentions.{i}": weights[0] for i, weights in enumerate(output.attentions)}
    return tensors


def write_recording(folder, tensors, golden):
    """golden.safetensors and golden.json."""
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, folder / "golden.safetensors")
    save_json(folder / "golden.json", golden)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"  {size / 1000:.0f} kB, float32 noise {golden['float32_noise']:.1e}, entropy {golden['attention_entropy']}")


def record(recording):
    """Runs the reference over the saved model and writes golden.safetensors and golden.json."""
    folder, model = recording.folder, recording.model
    print(f"{folder.parent.name}/{folder.name}")
    ids, paths = choose_prompts(recording)
    output = copy.deepcopy(model)(
        torch.tensor([ids]), use_cache=False, output_hidden_states=True, output_attentions=True
    )
    logits = output.logits[0]
    check(torch.isfinite(logits).all(), "logits are not finite")
    check(logits.std(-1).min() > 0.1, "a row of logits is flat")
    check(len(set(logits.argmax(-1).tolist())) >= 8, "the best token is nearly always the same")
    entropy = checked_entropy(output.attentions)
    noise = checked_noise(
        relative_change(logits_of(recording.to_double(copy.deepcopy(model)), ids).float(), logits)
    )

    tensors = {"input_ids": torch.tensor([ids]), "logits": logits}
    tensors |= watched(output, recording.attentions)
    golden = {
        "tolerance": TOLERANCE,
        "versions": versions(),
        "greedy": paths,
        "float32_noise": rounded(noise),
        "attention_entropy": entropy,
        "sensitivity": sensitivity(
            model, lambda changed: {"logits": logits_of(changed, ids)}, recording.mechanisms
        ),
    }
    write_recording(folder, tensors, golden | recording.extra)
