"""Records what the rotary embeddings of Hugging Face transformers compute: tests/ops/rotary_data.hpp.

Run with torch 2.15.0 and transformers 5.23.0:  python tests/ops/recipe.py
Each case is the rotary module of Llama under one configuration, asked for the positions 0 .. length - 1 of a prompt; the
last position's cosines and sines and the frequencies are kept.
"""

import pathlib

import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

HERE = pathlib.Path(__file__).resolve().parent

SHORT = [1.0 + 0.125 * i for i in range(10)]
LONG = [2.0 + 1.75 * i for i in range(10)]
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 2048}
LONGROPE = {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG,
            "original_max_position_embeddings": 128}

# name, theta, head_dim, max_position_embeddings, parameters, prompt lengths
CASES = [
    ("default", 10000.0, 64, 2048, {"rope_type": "default"}, [1, 2000]),
    ("default_odd_dim", 500000.0, 20, 2048, {"rope_type": "default"}, [777]),
    ("partial", 10000.0, 80, 2048, {"rope_type": "linear", "factor": 1.5, "partial_rotary_factor": 0.25}, [100]),
    ("linear", 10000.0, 48, 2048, {"rope_type": "linear", "factor": 2.5}, [1500]),
    ("dynamic", 10000.0, 48, 256, {"rope_type": "dynamic", "factor": 3.0}, [200, 700]),
    ("llama3", 500000.0, 128, 131072, {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
                                       "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}, [9000]),
    ("yarn", 1000000.0, 128, 8192, YARN, [5000]),
    ("yarn_not_truncated", 10000.0, 64, 8192, YARN | {"truncate": False, "beta_fast": 24.0, "beta_slow": 2.0}, [300]),
    ("yarn_mscale", 10000.0, 64, 8192, YARN | {"mscale": 0.707, "mscale_all_dim": 1.3}, [300]),
    ("yarn_given_factor", 10000.0, 64, 8192, YARN | {"attention_factor": 0.75}, [300]),
    ("longrope", 10000.0, 20, 512, LONGROPE, [128, 129]),
    ("longrope_given_factor", 10000.0, 20, 512, LONGROPE | {"factor": 8.0, "attention_factor": 1.5}, [300]),
]


def record(name, theta, head_dim, max_positions, parameters, length):
    config = LlamaConfig(hidden_size=2 * head_dim, num_attention_heads=2, head_dim=head_dim,
                         max_position_embeddings=max_positions, rope_parameters=parameters | {"rope_theta": theta})
    module = LlamaRotaryEmbedding(config)
    cosines, sines = module(torch.zeros(1), torch.arange(length)[None])
    half = cosines.shape[-1] // 2
    return name, length, module.inv_freq, cosines[0, -1, :half], sines[0, -1, :half]


def literal(value):
    text = f"{value:.9g}"
    return text + ("F" if "." in text or "e" in text else ".0F")


def numbers(values):
    return "{" + ", ".join(literal(float(value)) for value in values) + "}"


def main():
    lines = ["// Recorded by tests/ops/recipe.py with torch 2.15.0 and transformers 5.23.0; not written by hand.",
             "#pragma once", "", "#include <string>", "#include <vector>", "", "struct RecordedRotary {",
             "  std::string name;", "  int length;", "  std::vector<float> frequencies, cosines, sines;", "};", "",
             "inline const std::vector<RecordedRotary> k_recorded_rotary = {"]
    for name, theta, head_dim, max_positions, parameters, lengths in CASES:
        for length in lengths:
            recorded = record(name, theta, head_dim, max_positions, dict(parameters), length)
            lines.append(f'    {{"{recorded[0]}", {recorded[1]},')
            lines += [f"     {numbers(values)}," for values in recorded[2:]]
            lines.append("    },")
    lines.append("};")
    (HERE / "rotary_data.hpp").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
