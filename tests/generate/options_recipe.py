"""Records what Hugging Face transformers' generate() makes of each option: options.json.

Versions: transformers 5.23.0, torch 2.15.0. Run from anywhere: python tests/generate/options_recipe.py

A case is an option beside others that it needs; recorded are the new tokens with it and without it, which differ: an
option that does nothing proves nothing. Options that only matter where tokens are drawn are in processors_recipe.py and
distributions_recipe.py, but for typical_p, which may leave one token alone that is not the likeliest; those of beams are
in beam_options_recipe.py.
"""

import json
import pathlib
import sys

import torch
import transformers

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import golden_models  # noqa: E402

PROMPT = [9, 4, 17, 60, 33, 2, 71, 4, 17]
MODELS = ["gpt2/hub", "llama/default", "bart/hub", "t5/flan", "m2m_100/hub"]
WITH_TEXT = ["gguf/q4_1", "gguf/gpt2"]  # the only ones with a vocabulary, which stop strings need


def new_tokens(model, prompt, options, tokenizer=None):
    options = dict(options)
    negative = options.pop("negative_prompt_ids", None)  # an argument of generate(), no key
    more = {"negative_prompt_ids": torch.tensor([negative])} if negative else {}
    config = transformers.GenerationConfig(**{"pad_token_id": 0, **options})
    with torch.no_grad():
        ids = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                             generation_config=config, tokenizer=tokenizer, **more)[0].tolist()
    return ids[1:] if model.config.is_encoder_decoder else ids[len(prompt):]


def cases(model, prompt):
    """(option, its value, what stands beside it)"""
    base = {"max_new_tokens": 14, "eos_token_id": 1}
    greedy = new_tokens(model, prompt, base)
    given = 1 if model.config.is_encoder_decoder else len(prompt)
    early = greedy[2]
    first_place = greedy.index(early) + 1
    ends_early = {**base, "eos_token_id": [early, 1]}
    other = next(token for token in range(40, 80) if token not in greedy)
    never_greedy = {**base, "eos_token_id": other}
    yield "eos_token_id", [early, 1], base
    yield "max_new_tokens", 5, {"eos_token_id": 1, "max_length": given + 9}
    yield "max_length", given + 4, {"eos_token_id": 1, "max_length": given + 9}
    yield "min_length", given + first_place + 3, ends_early
    yield "min_new_tokens", first_place + 4, ends_early
    yield "repetition_penalty", 1.6, base
    yield "repetition_penalty", 0.5, base
    yield "encoder_repetition_penalty", 5.0, base
    yield "encoder_repetition_penalty", 0.1, base
    yield "no_repeat_ngram_size", 1, base
    yield "no_repeat_ngram_size", 2, base
    yield "encoder_no_repeat_ngram_size", 1, base
    yield "encoder_no_repeat_ngram_size", 2, base
    yield "bad_words_ids", [[greedy[0]], [greedy[3], greedy[4]]], base
    yield "bad_words_ids", [[greedy[1], greedy[2]], [early]], ends_early
    yield "sequence_bias", [[[greedy[0]], -4.0], [[other], 2.5], [[greedy[1], greedy[2]], -9.0]], base
    yield "suppress_tokens", [greedy[0], greedy[5]], base
    yield "begin_suppress_tokens", [greedy[0]], base
    yield "forced_bos_token_id", 77, base
    yield "forced_eos_token_id", 78, base
    yield "forced_eos_token_id", [79, 78], base
    yield "exponential_decay_length_penalty", (2, 1.7), never_greedy
    if model.config.is_encoder_decoder:
        yield "decoder_start_token_id", 76, base
    else:
        yield "guidance_scale", 2.5, base
        yield "guidance_scale", -1.0, base
        yield "guidance_scale", 1.5, {**base, "negative_prompt_ids": [7, 30, 51, 4]}
        yield "negative_prompt_ids", [88, 3, 70], {**base, "guidance_scale": 4.0}
    yield "typical_p", 0.001, {**base, "do_sample": True, "top_k": 0, "temperature": 3.0}


def record(name, prompt):
    model = golden_models.load(name)
    entries = []
    for option, value, beside in cases(model, prompt):
        without = new_tokens(model, prompt, beside)
        options = {**beside, option: value}
        if "do_sample" in options:  # alike for any seed, or it says nothing
            del beside["do_sample"]
            without = new_tokens(model, prompt, beside)
            drawn = {tuple(new_tokens(model, prompt, options)) for _ in range(8)}
            if len(drawn) > 1:
                print(name, option, "leaves a choice")
                continue
        ids = new_tokens(model, prompt, options)
        if ids == without:
            print(name, option, value, "changes nothing")
            continue
        entries.append({"model": name, "prompt": prompt, "option": option, "options": options, "ids": ids,
                        "without": {"options": beside, "ids": without}})
    return entries


def record_stop_strings(name, prompt):
    """One that ends a token, and one that goes across two."""
    model, tokenizer = golden_models.load(name), golden_models.tokenizer(name)
    beside = {"max_new_tokens": 40, "eos_token_id": 1}
    without = new_tokens(model, prompt, beside)
    across = (golden_models.text_across(tokenizer, *pair) for pair in zip(without[5:], without[6:]))
    both = next(text for text in across if text)
    for stops in ([both[0]], ["never", both]):
        options = {**beside, "stop_strings": stops}
        ids = new_tokens(model, prompt, options, tokenizer)
        assert ids != without
        yield {"model": name, "prompt": prompt, "option": "stop_strings", "options": options, "ids": ids,
               "without": {"options": beside, "ids": without}}


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    entries = [entry for name in MODELS for prompt in (PROMPT, PROMPT[3:]) for entry in record(name, prompt)]
    entries += [entry for name in WITH_TEXT for entry in record_stop_strings(name, PROMPT)]
    options = {entry["option"] for entry in entries}
    print(len(entries), "cases of", len(options), "options:", *sorted(options))
    record_of_all = {"versions": {"transformers": transformers.__version__, "torch": torch.__version__},
                     "cases": entries}
    text = json.dumps(record_of_all, separators=(",", ":")).replace('{"model"', '\n{"model"') + "\n"
    pathlib.Path(__file__).with_name("options.json").write_text(text)


main()
