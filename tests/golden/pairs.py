"""What the recipes of encoder-decoders share: a source and a target instead of one text (common.py has the rest)."""

import copy
import itertools
import math
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import GenerationConfig

import common
from common import check, rounded


DISTINCT = 6  # tokens of a greedy path, which would not show a mistake with the cache if it repeated one; best tokens
# The weights of the last norm, mean 0 instead of 1: else a tied head says the token again that went in.
UNLIKE_ITS_INPUT = (1 / 0.3, -1 / 0.3)


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
    source_length: int = 37  # two pages of 32 slots
    target_length: int = 35  # two
    new_ids: int = 40
    seed: int = 1
    generate: dict = field(default_factory=dict)  # further keys of generation_config
    shifts: bool = False  # transformers makes decoder ids of the source where there are none
    pad: int = -1  # an id that source and target must hold in several places, where positions skip it
    padding: int = -1  # pad_token_id, where what transformers makes of the source depends on it


def run(model, source, target, **more):
    return model(
        input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([target]), use_cache=False, **more
    )


def results(output):
    """What the class puts out, by our names (ModelHead)."""
    found = {}
    for name in ("logits", "last_hidden_state", "start_logits", "end_logits"):
        if name in output:
            found[name] = output[name][0].unsqueeze(-1) if name.endswith("_logits") else output[name][0]
    return found


def results_of(source, target):
    return lambda model: results(run(model, source, target))


def outputs_of(model, source, target):
    """Everything that is recorded, by our names."""
    output = run(model, source, target, output_hidden_states=True, output_attentions=True)
    tensors = results(output) | {"encoder_last_hidden_state": output.encoder_last_hidden_state[0]}
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
    for (word,) in settings["bad_words_ids"] or []:
        check((logits.argmax(-1) == word).any(), f"token {word} would not be said anyway")
        logits[:, word] = -math.inf
    best = logits.topk(2).values
    gap = ((best[:, 0] - best[:, 1]) / logits[logits.isfinite()].abs().max()).min().item()
    return found[1:], gap


def first_row(base):
    """The class of a text by its first row. `base` gives a model without its head."""

    def mutate(model, stack):
        first = []
        stack.callback(base(model).register_forward_hook(lambda *a: first.append(a[2][0][:, 0])).remove)
        head = model.classification_head
        stack.callback(head.register_forward_pre_hook(lambda _, given: (given[0] * 0 + first[0],)).remove)

    return mutate


def exchanged_rows(model, _):
    model.qa_outputs.weight.copy_(model.qa_outputs.weight.flip(0))
    model.qa_outputs.bias.copy_(model.qa_outputs.bias.flip(0))


def drawn(recording, length, vocabulary, seed):
    ids = common.draw_ids(length, vocabulary, seed)
    if recording.pad >= 0:  # side by side, and at the end
        for place in (3, 4, 11, length - 1):
            ids[place] = recording.pad
    return ids


def choose(recording):
    """The first drawn sources whose greedy paths have no near tie and say more than one thing."""
    for attempt in itertools.count():
        check(attempt < 60, f"{recording.folder}: no source without near ties that says several tokens")
        seed = recording.seed * 1000 + attempt
        source = drawn(recording, recording.source_length, recording.source_vocabulary, seed)
        paths = []
        for name, length in (("short", 5), ("long", recording.source_length)):
            ids, gap = greedy(recording, source[:length])
            paths.append({"name": name, "prompt": source[:length], "ids": ids, "smallest_gap": rounded(gap)})
        is_clear = min(path["smallest_gap"] for path in paths) >= common.GAP_FACTOR * common.TOLERANCE
        if is_clear and min(len(set(path["ids"])) for path in paths) >= DISTINCT:
            return source, paths


def largest_without_decoder_ids(recording, source):
    """The largest logit of each row where transformers itself makes decoder ids of the source."""
    output = recording.model(input_ids=torch.tensor([source]), use_cache=False)
    return [rounded(value) for value in output.logits[0].amax(-1).tolist()]


def write(recording, inputs, golden):
    """Runs the reference over the inputs, and writes golden.safetensors and golden.json."""
    folder, model = recording.folder, recording.model
    source, target = inputs
    tensors = outputs_of(copy.deepcopy(model), source, target)
    compute = results_of(source, target)
    expected = compute(copy.deepcopy(model))
    check(all(torch.isfinite(value).all() for value in expected.values()), "results are not finite")
    doubled = compute(copy.deepcopy(model).double())
    noise = common.checked_noise(
        common.largest_change({name: value.float() for name, value in doubled.items()}, expected)
    )
    tensors |= {"input_ids": torch.tensor([source]), "decoder_ids": torch.tensor([target])}
    common.write_recording(
        folder,
        tensors,
        {
            "tolerance": common.TOLERANCE,
            "pair": True,
            "versions": common.versions(),
            "float32_noise": rounded(noise),
            "attention_entropy": common.checked_entropy(
                [tensors[f"attentions.{i}"][None] for i in range(len(tensors)) if f"attentions.{i}" in tensors]
            ),
            "sensitivity": common.sensitivity(model, compute, recording.mechanisms),
        }
        | golden,
    )


def record(recording):
    """A model that says the next token: greedy paths, and what a target gives."""
    print(f"{recording.folder.parent.name}/{recording.folder.name}")
    source, paths = choose(recording)
    target = [recording.start] + drawn(
        recording, recording.target_length - 1, recording.vocabulary, recording.seed + 77
    )
    golden = {"greedy": paths}
    if recording.shifts:
        golden["largest_without_decoder_ids"] = largest_without_decoder_ids(recording, source)
    if recording.padding >= 0:
        padded = source[:5] + 2 * [recording.padding] + source[5:12] + 3 * [recording.padding]
        golden["padded"] = {"ids": padded, "largest": largest_without_decoder_ids(recording, padded)}
    logits = results_of(source, target)(copy.deepcopy(recording.model))["logits"]
    check(logits.std(-1).min() > 0.1, "a row of logits is flat")
    distinct = len(set(logits.argmax(-1).tolist()))
    check(distinct >= DISTINCT, f"the best token is nearly always the same: {distinct} different ones")
    write(recording, (source, target), golden)


def record_head(recording, shifted):
    """A model with another head, which reads its source with the decoder as well. `shifted` gives the decoder's ids."""
    print(f"{recording.folder.parent.name}/{recording.folder.name}")
    source = common.draw_ids(recording.source_length, recording.source_vocabulary, recording.seed * 1000)
    for place in (2, 9, recording.source_length - 6):
        source[place] = recording.end
    write(recording, (source, shifted(source)), {})
