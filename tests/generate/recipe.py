"""Records what Hugging Face transformers' logits processors keep: processors.json.

Versions: transformers 5.23.0, torch 2.15.0. Run from anywhere: python tests/generate/recipe.py
Logits are multiples of 1/64, so that JSON, float32 and float64 agree on them. A case whose border is within 1e-4 of a
probability is left out: there, rounding decides.
"""

import json
import pathlib

import torch
import transformers
from transformers.generation import logits_process as hf

VOCABULARY = 97
CASES = 60


def processors(options):
    """In the order of GenerationMixin._get_logits_processor."""
    chain = transformers.LogitsProcessorList()
    if options["repetition_penalty"] != 1.0:
        chain.append(hf.RepetitionPenaltyLogitsProcessor(options["repetition_penalty"]))
    if options["temperature"] != 1.0:
        chain.append(hf.TemperatureLogitsWarper(options["temperature"]))
    if options["top_k"] != 0:
        chain.append(hf.TopKLogitsWarper(options["top_k"]))
    if options["top_p"] < 1.0:
        chain.append(hf.TopPLogitsWarper(options["top_p"]))
    if options["min_p"] > 0.0:
        chain.append(hf.MinPLogitsWarper(options["min_p"]))
    return chain


def is_borderline(logits, ids, options):
    """Whether top-p or min-p hangs on rounding."""
    before_top_p = processors({**options, "top_p": 1.0, "min_p": 0.0})(ids, logits.clone()).double()
    probabilities = before_top_p.softmax(-1)[0].sort().values
    border = (probabilities.cumsum(0) - (1 - options["top_p"])).abs().min() if options["top_p"] < 1.0 else 1.0
    kept = processors({**options, "min_p": 0.0})(ids, logits.clone()).double().softmax(-1)[0]
    ratio = (kept[kept > 0] / kept.max() - options["min_p"]).abs().min() if options["min_p"] > 0.0 else 1.0
    return border < 1e-4 or ratio < 1e-4


def draw_case(generator, number):
    def pick(values):
        return values[int(torch.randint(len(values), (1,), generator=generator))]

    options = {
        "repetition_penalty": pick([1.0, 1.0, 1.1, 1.75, 0.5]),
        "temperature": pick([1.0, 0.2, 0.7, 1.5, 30.0]),
        "top_k": pick([0, 0, 1, 5, 40, 96, 97, 500]),
        "top_p": pick([1.0, 1.0, 0.9, 0.5, 0.05, 0.0]),
        "min_p": pick([0.0, 0.0, 0.05, 0.3, 1.0]),
    }
    spread = pick([0.5, 2.0, 8.0])
    logits = torch.randn(1, VOCABULARY, generator=generator) * spread
    logits = (logits * 64).round() / 64
    if number % 4 == 0:  # many equal logits: what top-k does at its border
        logits = logits.round()
        options["top_p"] = 1.0  # torch does not say which of equal tokens its sort puts first
    if options["top_p"] < 1.0:  # all different, after the penalty, too
        logits = (torch.randperm(VOCABULARY, generator=generator)[None] - 40).float() * spread / 16
        options["repetition_penalty"] = 1.0
    ids = torch.randint(VOCABULARY, (1, 12), generator=generator)
    return logits, ids, options


def main():
    generator = torch.Generator().manual_seed(20240613)
    cases = []
    while len(cases) < CASES:
        logits, ids, options = draw_case(generator, len(cases))
        if is_borderline(logits, ids, options):
            continue
        scores = processors(options)(ids, logits.clone())[0]
        kept = torch.isfinite(scores).nonzero()[:, 0].tolist()
        cases.append({
            "options": options,
            "ids": ids[0].tolist(),
            "logits": logits[0].tolist(),
            "kept": kept,
            "scores": [scores[index].item() for index in kept],
            "probabilities": scores.double().softmax(-1)[kept].tolist(),
        })
    record = {"versions": {"transformers": transformers.__version__, "torch": torch.__version__}, "cases": cases}
    text = json.dumps(record, separators=(",", ":")).replace('{"options"', '\n{"options"') + "\n"
    pathlib.Path(__file__).with_name("processors.json").write_text(text)


main()
