"""Records what transformers' beam search gives for the golden models: beams.json.

Versions: those of tests/golden/requirements.txt. Run from anywhere: python tests/generate/beams_recipe.py; it may be given
the names of models whose cases alone are made anew.
Prompts and end tokens are looked for until beams differ from greedy, a text ends early, and the three values of
early_stopping, with all else equal, give three results. A case in which float64 chooses otherwise than float32 is not
taken. beam_options_recipe.py records other options beside beams, distributions_recipe.py beam sampling,
group_beams_recipe.py groups of beams, which transformers has no longer.
"""

import collections
import json
import pathlib
import sys

import torch
import transformers

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import beam_cases as cases  # noqa: E402
import golden_models  # noqa: E402

MODELS = [
    "llama/biases",
    "gpt2/hub",
    "xlnet/hub",
    "xlnet/own_head",
    "gguf/q4_1",
    "gguf/gpt2",
    "bart/hub",
    "marian/hub",
    "m2m_100/hub",
    "mbart/hub",
    "pegasus/hub",
    "t5/hub",
    "t5/flan",
    "t5/mt5",
    "t5/umt5",
]
NEW_TOKENS = 18


def end_tokens(model, prompts):
    """Tokens that beams without end say soon, the most frequent first."""
    found = cases.run_all(model, prompts, {"num_beams": 4, "num_return_sequences": 4, "max_new_tokens": 8})
    counted = collections.Counter(token for rows, _ in found for ids in rows for token in ids[1:7])
    return [token for token, _ in counted.most_common(8)]


def recorded(name, model, prompt, settings):
    """The cases of the settings in which no rounding decides."""
    tried = ({"model": name, "name": title, "prompt": prompt, "options": options} for title, options in settings)
    return [case for case in (cases.recorded(model, case) for case in tried) if case]


def cases_of(name, model):
    """Of a prompt and an end token for which beams differ from greedy and a text ends early."""
    prompts = cases.drawn_prompts(model)[:12]
    for end in end_tokens(model, prompts):
        plain = {"num_beams": 3, "num_return_sequences": 2, "max_new_tokens": NEW_TOKENS, "eos_token_id": [end]}
        for prompt, (sequences, _) in zip(prompts, cases.run_all(model, prompts, plain)):
            if end not in sequences[0] + sequences[1] or sequences[0] == cases.greedy(model, prompt, plain):
                continue
            found = recorded(name, model, prompt, [
                ("three beams", plain),
                ("early_stopping True", plain | {"early_stopping": True, "length_penalty": 0.0}),
                ("early_stopping never", plain | {"num_beams": 4, "early_stopping": "never", "length_penalty": 2.0}),
            ])
            if len(found) == 3:
                return found
    sys.exit(f"recipe failed: {name}: no prompt and end token whose cases tell")


def are_different(results):
    return len({json.dumps(result) for result in results}) == len(results)


def stopping_cases(name, model):
    """Of a prompt, an end token and a length penalty for which the three values of early_stopping alone make three
    results."""
    prompts = cases.drawn_prompts(model)
    for end in end_tokens(model, prompts):
        for penalty in (1.0, 2.0, 0.5):
            plain = {"num_beams": 3, "num_return_sequences": 3, "max_new_tokens": NEW_TOKENS, "eos_token_id": [end],
                     "length_penalty": penalty}
            settings = [(f"early_stopping {value}, all else equal", plain | {"early_stopping": value})
                        for value in (True, False, "never")]
            results = [cases.run_all(model, prompts, options) for _, options in settings]
            for prompt, *of_prompt in zip(prompts, *results):
                if not are_different([sequences for sequences, _ in of_prompt]):
                    continue
                found = recorded(name, model, prompt, settings)
                if len(found) == 3 and are_different([case["sequences"] for case in found]):
                    return found
    sys.exit(f"recipe failed: {name}: early_stopping makes no three results")


def main():
    path = pathlib.Path(__file__).with_name("beams.json")
    record = json.loads(path.read_text()) if sys.argv[1:] else {"cases": []}
    record["versions"] = {"transformers": transformers.__version__, "torch": torch.__version__}
    for name in sys.argv[1:] or MODELS:
        model = golden_models.load(name)
        record["cases"] = [case for case in record["cases"] if case["model"] != name]
        record["cases"] += cases_of(name, model)
        if not name.startswith("gguf/"):  # architectures that other folders have as well
            record["cases"] += stopping_cases(name, model)
        print(f"{name}: {len(record['cases'])} cases", flush=True)
    record["cases"].sort(key=lambda case: MODELS.index(case["model"]))
    cases.write(path, record)


if __name__ == "__main__":
    main()
