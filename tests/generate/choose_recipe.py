"""Records log-probabilities of continuations by transformers: python choose_recipe.py > choose.json

Of golden models beside this folder, in f32. Needs torch and transformers 5.23.0.
"""

import json
import pathlib
import random

import torch
import transformers

GOLDEN = pathlib.Path(__file__).parent.parent / "golden"
DECODERS = ("llama/default", "llama/biases", "gpt2/hub")
PAIRS = ("t5/flan", "bart/hub", "marian/hub")
VOCABULARY = 120


def log_probability(logits, first, ids):
    """Of `ids`, where row `first` of the logits is about the first of them."""
    table = torch.log_softmax(logits.double(), dim=-1)
    return sum(table[first + place, token].item() for place, token in enumerate(ids))


def of_decoder(model, prompt, choice):
    logits = model(torch.tensor([prompt + choice])).logits[0]
    return log_probability(logits, len(prompt) - 1, choice)


def of_pair(model, prompt, choice):
    start = model.generation_config.decoder_start_token_id
    if start is None:
        start = model.config.decoder_start_token_id
    forced = model.generation_config.forced_bos_token_id
    begin = [start] if forced is None else [start, forced]
    logits = model(input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([begin + choice])).logits[0]
    return log_probability(logits, len(begin) - 1, choice)


def cases():
    numbers = random.Random(9)
    for name in DECODERS + PAIRS:
        kind = transformers.AutoModelForSeq2SeqLM if name in PAIRS else transformers.AutoModelForCausalLM
        model = kind.from_pretrained(GOLDEN / name, dtype=torch.float32, attn_implementation="eager").eval()
        of_model = of_pair if name in PAIRS else of_decoder
        for length in (1, 9, 40):
            prompt = [numbers.randrange(3, VOCABULARY) for _ in range(length)]
            choices = [[numbers.randrange(3, VOCABULARY) for _ in range(size)] for size in (1, 2, 2, 5, 11)]
            choices[2][0] = choices[1][0]  # a common beginning
            scores = [of_model(model, prompt, choice) for choice in choices]
            yield {"model": name, "prompt": prompt, "choices": choices, "log_probabilities": scores}


with torch.no_grad():
    print("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases()) + "\n]")
