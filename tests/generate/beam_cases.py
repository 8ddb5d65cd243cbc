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


def drawn_prompts(model):
    """Prompts of six tokens."""
    vocabulary = model.config.vocab_size
    return [
        torch.randint(0, vocabulary, (6,), generator=torch.Generator().manual_seed(7000 + seed)).tolist()
        for seed in range(24)
    ]


def configured(model, options):
    """The model with what its own files say about generation, and the options in place of that."""
    model = copy.deepcopy(model)
    config = model.generation_config
    config.num_beams = 1
    config.max_length = None
    config.bos_token_id = None if not model.config.is_encoder_decoder else config.bos_token_id
    for key, value in {"do_sample": False, "eos_token_id": None, **options}.items():
        setattr(config, key, value)
    if getattr(model.config, "num_decoder_layers", None) not in (None, model.config.num_hidden_layers):
        config.use_cache = False  # transformers makes it for as many layers as the encoder has
    config.output_scores = config.return_dict_in_generate = True
    return model


def until_end(ids, options):
    """Groups of beams count one index more for some texts than these have tokens."""
    ends = [place for place, token in enumerate(ids) if token in (options.get("eos_token_id") or [])]
    return ids[: ends[0] + 1] if ends else ids


def run_all(model, prompts, options, tokenizer=None):
    """For each of the prompts, which are of one length: sequences of new ids, without what fills them up, and their
    scores. Stop strings need the tokenizer."""
    ids = torch.tensor(prompts)
    found = configured(model, options).generate(ids, attention_mask=torch.ones_like(ids), tokenizer=tokenizer)
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


def run(model, prompt, options, tokenizer=None):
    return run_all(model, [prompt], options, tokenizer)[0]


def greedy(model, prompt, options):
    """What one beam gives."""
    shared = ("eos_token_id", "max_new_tokens", "pad_token_id", "repetition_penalty")
    kept = {key: options[key] for key in shared if key in options}
    found = configured(model, kept).generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)).long())
    begin = 1 if model.config.is_encoder_decoder else len(prompt)
    return until_end(found.sequences[0, begin:].tolist(), options)


def widened(value):
    return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def in_double(model):
    """The float64 twin, whose logits are rounded in the end: not every kind of generate takes others."""
    twin = copy.deepcopy(model).double()
    forward = twin.forward

    @functools.wraps(forward)
    def rounding(*arguments, **named):
        output = forward(*arguments, **{name: widened(value) for name, value in named.items()})
        output.logits = output.logits.float()
        return output

    twin.forward = rounding
    if model.config.model_type == "xlnet":  # whose query stream does not convert the sines of its distances
        encode = twin.transformer.relative_positional_encoding
        twin.transformer.relative_positional_encoding = lambda *sizes, **named: encode(*sizes, **named).double()
    return twin


def recorded(model, case, tokenizer=None):
    """The case with its sequences and scores; none where float64 chooses otherwise, for then rounding decides."""
    sequences, scores = run(model, case["prompt"], case["options"], tokenizer)
    doubled, _ = run(in_double(model), case["prompt"], case["options"], tokenizer)
    if sequences != doubled:
        return None
    return case | {"sequences": sequences, "scores": [round(score, 6) for score in scores]}


def write(path, record):
    text = json.dumps(record, separators=(",", ":"))
    for mark in ('{"model"', '"distribution"'):
        text = text.replace(mark, "\n" + mark)
    path.write_text(text + "\n")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
