"""What the recipes of beam search share: running transformers' generate, and writing its sequences and scores."""

import copy
import functools
import json
import pathlib
import sys

import torch

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"


def check(condition, message):
    """Stops the recipe: a recording that proves nothing must not be written."""
    if not condition:
        sys.exit(f"recipe failed: {message}")


def prompt_of(name, which="short"):
    """The prompt of a greedy path that is recorded for the model."""
    golden = json.loads((GOLDEN / name / "golden.json").read_text())
    paths = golden.get("greedy") or golden["continuations"]
    return next(path["prompt"] for path in paths if path["name"] == which)


def configured(model, options):
    """The model with what its own files say about generation, and the options in place of that."""
    model = copy.deepcopy(model)
    config = model.generation_config
    config.num_beams = 1
    config.max_length = None
    config.bos_token_id = None if not model.config.is_encoder_decoder else config.bos_token_id
    for key, value in {"do_sample": False, "eos_token_id": None, **options}.items():
        setattr(config, key, value)
    config.output_scores = config.return_dict_in_generate = True
    return model


def until_end(ids, options):
    """Groups of beams count one index more for some texts than these have tokens."""
    ends = [place for place, token in enumerate(ids) if token in (options.get("eos_token_id") or [])]
    return ids[: ends[0] + 1] if ends else ids


def run_all(model, prompts, options):
    """For each of the prompts, which are of one length: sequences of new ids, without what fills them up, and their
    scores."""
    ids = torch.tensor(prompts)
    found = configured(model, options).generate(ids, attention_mask=torch.ones_like(ids))
    begin = 1 if model.config.is_encoder_decoder else ids.shape[1]
    lengths = (found.beam_indices >= 0).sum(-1).tolist()
    sequences = [
        until_end(row[begin : begin + length], options) for row, length in zip(found.sequences.tolist(), lengths)
    ]
    scores = found.sequences_scores.tolist()
    count = options.get("num_return_sequences", 1)
    return [
        (sequences[first : first + count], scores[first : first + count]) for first in range(0, len(scores), count)
    ]


def run(model, prompt, options):
    return run_all(model, [prompt], options)[0]


def greedy(model, prompt, options):
    """What one beam gives."""
    kept = {key: options[key] for key in ("eos_token_id", "max_new_tokens", "pad_token_id") if key in options}
    found = configured(model, kept).generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)).long())
    begin = 1 if model.config.is_encoder_decoder else len(prompt)
    return until_end(found.sequences[0, begin:].tolist(), options)


def in_double(model):
    """The float64 twin, whose logits are rounded in the end: not every kind of generate takes others."""
    twin = copy.deepcopy(model).double()
    forward = twin.forward

    @functools.wraps(forward)
    def rounding(*arguments, **named):
        output = forward(*arguments, **named)
        output.logits = output.logits.float()
        return output

    twin.forward = rounding
    return twin


def recorded(model, case):
    """The case with its sequences and scores; none where float64 chooses otherwise, for then rounding decides."""
    sequences, scores = run(model, case["prompt"], case["options"])
    doubled, _ = run(in_double(model), case["prompt"], case["options"])
    if sequences != doubled:
        return None
    return case | {"sequences": sequences, "scores": [round(score, 6) for score in scores]}


def write(path, record):
    text = json.dumps(record, separators=(",", ":"))
    for mark in ('{"model"', '"distribution"'):
        text = text.replace(mark, "\n" + mark)
    path.write_text(text + "\n")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
