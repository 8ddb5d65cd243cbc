"""What the recipes of encoder-decoders share: a source and a target instead of one text (common.py has the rest)."""

import copy
import itertools
import math
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GenerationConfig

import common
from common import check, rounded


@dataclass
class PairRecording:
    """How one saved encoder-decoder is run and what is written beside it."""

    folder: Path
    model: object  # as loaded from the folder
    source_vocabulary: int
    vocabulary: int
    start: int  # decoder_start_token_id
    end: int  # eos_token_id, which ends no greedy path
    mechanisms: dict = field(default_factory=dict)
    source_length: int = 67  # three pages of 32 slots
    target_length: int = 41  # two
    new_ids: int = 40
    seed: int = 1
    generate: dict = field(default_factory=dict)  # further keys of generation_config


def run(model, source, target, **more):
    return model(
        input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([target]), use_cache=False, **more
    )


def outputs_of(model, source, target):
    """Everything that is recorded, by our names."""
    output = run(model, source, target, output_hidden_states=True, output_attentions=True)
    tensors = {"logits": output.logits[0], "encoder_last_hidden_state": output.encoder_last_hidden_state[0]}
    for prefix, values in {
        "hidden_states": output.decoder_hidden_states,
        "attentions": output.decoder_attentions,
        "cross_attentions": output.cross_attentions,
        "encoder_hidden_states": output.encoder_hidden_states,
        "encoder_attentions": output.encoder_attentions,
    }.items():
        tensors |= {f"{prefix}.{number}": value[0] for number, value in enumerate(values)}
    return tensors


def greedy(recording, source):
    """New ids by transformers' own generate with its cache, and the smallest gap between the two best logits."""
    model = copy.deepcopy(recording.model)
    settings = {
        "do_sample": False,
        "num_beams": 1,
        "max_new_tokens": recording.new_ids,
        "decoder_start_token_id": recording.start,
        "eos_token_id": None,
        "pad_token_id": 0,
        "forced_eos_token_id": None,
        "bad_words_ids": None,
    } | recording.generate
    model.generation_config = GenerationConfig(**settings)
    ids = torch.tensor([source])
    found = model.generate(ids, attention_mask=torch.ones_like(ids))[0].tolist()
    check(found[0] == recording.start, "generate begins with the start token")
    logits = run(recording.model, source, found[:-1]).logits[0]
    best = logits.topk(2).values
    gap = ((best[:, 0] - best[:, 1]) / logits.abs().amax(-1)).min().item()
    return found[1:], gap


def choose(recording):
    """The first drawn sources whose greedy paths have no near tie."""
    for attempt in itertools.count():
        check(attempt < 60, f"{recording.folder}: no source without near ties")
        source = common.draw_ids(recording.source_length, recording.source_vocabulary, recording.seed * 1000 + attempt)
        paths = []
        for name, length in (("short", 5), ("long", recording.source_length)):
            ids, gap = greedy(recording, source[:length])
            paths.append({"name": name, "prompt": source[:length], "ids": ids, "smallest_gap": rounded(gap)})
        if min(path["smallest_gap"] for path in paths) >= common.GAP_FACTOR * common.TOLERANCE:
            return source, paths


def sensitivity(model, source, target, mechanisms):
    """As common.sensitivity: relative change of the logits for each mechanism that is left out or done wrongly."""
    reference = run(copy.deepcopy(model), source, target).logits[0]
    least = common.SENSITIVITY_FACTOR * common.TOLERANCE
    table = {}
    for name, mutate in mechanisms.items():
        changed = copy.deepcopy(model)
        with ExitStack() as stack:
            mutate(changed, stack)
            table[name] = rounded(common.relative_change(run(changed, source, target).logits[0], reference))
        print(f"  {name:60} {table[name]:.1e}{'' if least <= table[name] < math.inf else '   NOT SENSITIVE'}")
    dull = [name for name, change in table.items() if not least <= change < math.inf]
    check(not dull, f"the logits do not show {dull}")
    return table


def record(recording):
    """Runs the reference over the saved model and writes golden.safetensors and golden.json."""
    folder, model = recording.folder, recording.model
    print(f"{folder.parent.name}/{folder.name}")
    source, paths = choose(recording)
    drawn = common.draw_ids(recording.target_length - 1, recording.vocabulary, recording.seed + 77)
    target = [recording.start] + drawn
    tensors = outputs_of(copy.deepcopy(model), source, target)
    logits = tensors["logits"]
    check(torch.isfinite(logits).all(), "logits are not finite")
    check(logits.std(-1).min() > 0.1, "a row of logits is flat")
    check(len(set(logits.argmax(-1).tolist())) >= 4, "the best token is nearly always the same")
    noise = common.relative_change(run(copy.deepcopy(model).double(), source, target).logits[0].float(), logits)
    check(noise < common.NOISE_LIMIT, f"float32 noise is {noise:.1e}: the model is too chaotic to compare")
    tensors |= {"input_ids": torch.tensor([source]), "decoder_ids": torch.tensor([target])}
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, folder / "golden.safetensors")
    common.save_json(
        folder / "golden.json",
        {
            "tolerance": common.TOLERANCE,
            "pair": True,
            "versions": common.versions(),
            "greedy": paths,
            "float32_noise": rounded(noise),
            "sensitivity": sensitivity(model, source, target, recording.mechanisms),
        },
    )
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"  {size / 1000:.0f} kB, float32 noise {noise:.1e}")
