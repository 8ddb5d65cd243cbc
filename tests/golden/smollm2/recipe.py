"""The default model, SmolLM2-135M-Instruct Q4_1: what transformers says with its dequantized weights.

Run: python recipe.py PATH_OF_THE_GGUF_FILE. Writes golden.json (and golden.safetensors: the hidden states of one
prompt's last position). The weights themselves are not in the repository; models/manifest.json says where they are.
"""

import copy
import hashlib
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402
import gguf_reading as reading  # noqa: E402

NEW_IDS = 48
SMALLEST_GAP = 2e-3  # between the two best of logits around 20; a tie would test noise
WINDOW = 512
PROBED = 0  # the conversation whose first logits are recorded
CONVERSATIONS = [
    [{"role": "user", "content": "What is the metaverse?"}],
    [{"role": "user", "content": "Name three things that I can do in a virtual world."}],
    [
        {"role": "system", "content": "You are Ada, the guide of a small island. Answer in one short sentence."},
        {"role": "user", "content": "Who are you, and where am I?"},
    ],
    [{"role": "user", "content": "Write a Python function that adds two numbers."}],
    [
        {"role": "user", "content": "My name is Zoë and I live in a café by the sea. 🌊"},
        {"role": "assistant", "content": "Nice to meet you, Zoë! What would you like to talk about?"},
        {"role": "user", "content": "Please repeat my name, and tell me what 12 and 30 make together."},
    ],
]


def make_tokenizer(metadata):
    tokens = metadata["tokenizer.ggml.tokens"]
    return PreTrainedTokenizerFast(
        tokenizer_object=reading.read_tokenizer(metadata),
        bos_token=tokens[metadata["tokenizer.ggml.bos_token_id"]],
        eos_token=tokens[metadata["tokenizer.ggml.eos_token_id"]],
        chat_template=metadata["tokenizer.chat_template"],
        clean_up_tokenization_spaces=False,
    )


def answer(model, tokenizer, messages):
    """The greedy answer (no repetition penalty), up to and with the end token."""
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    prompt_ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    ids = common.greedy(model, prompt_ids, NEW_IDS)
    recomputed, smallest_gap = [], math.inf
    logits = common.logits_of(model, prompt_ids + ids)[len(prompt_ids) - 1 : -1]
    finish = "length"
    for row, chosen in zip(logits, ids):
        best = row.topk(2)
        common.check(best.indices[0] == chosen, "cached and recomputed greedy ids differ")
        smallest_gap = min(smallest_gap, (best.values[0] - best.values[1]).item())
        recomputed.append(chosen)
        if chosen == tokenizer.eos_token_id:
            finish = "eos"
            break
    text = tokenizer.decode(recomputed, skip_special_tokens=True)
    print(f"--- {messages[-1]['content']}\n{text}\n[{finish}, smallest gap {smallest_gap:.3f}]")
    common.check(smallest_gap >= SMALLEST_GAP, "two tokens nearly tie: choose another prompt")
    return {
        "messages": messages,
        "prompt": prompt,
        "prompt_ids": prompt_ids,
        "ids": recomputed,
        "text": text,
        "finish_reason": finish,
        "smallest_gap": common.rounded(smallest_gap),
    }


def float32_noise(model, conversations):
    """Largest difference of a logit between float32 and float64 over the first greedy path."""
    ids = conversations[0]["prompt_ids"] + conversations[0]["ids"]
    exact = common.logits_of(copy.deepcopy(model).double(), ids)
    noise = (common.logits_of(model, ids).double() - exact).abs().max().item()
    gap = min(conversation["smallest_gap"] for conversation in conversations)
    print(f"float32 noise {noise:.1e}, smallest gap {gap:.1e}")
    common.check(noise * 10 < gap, "float32 noise is too near to the smallest gap")
    return common.rounded(noise)


def first_logits(model, prompt_ids):
    """The twenty best logits at the prompt's last position; its hidden states go to a file."""
    output = model(torch.tensor([prompt_ids]), use_cache=False, output_hidden_states=True)
    states = {f"hidden_states.{i}": state[0, -1:].clone() for i, state in enumerate(output.hidden_states)}
    save_file(states, HERE / "golden.safetensors")
    best = output.logits[0, -1].topk(20)
    return {"ids": best.indices.tolist(), "logits": [float(f"{value:.7g}") for value in best.values.tolist()]}


def perplexity(model, ids):
    losses, counts = [], []
    for start in range(0, len(ids), WINDOW):
        window = ids[start : start + WINDOW]
        if len(window) < 2:
            break
        log_probabilities = common.logits_of(model, window)[:-1].double().log_softmax(-1)
        loss = -log_probabilities.gather(1, torch.tensor(window[1:])[:, None]).sum()
        losses.append(loss.item())
        counts.append(len(window) - 1)
    return {
        "definition": "The file's whole text is tokenized without special tokens and cut into windows of `window` ids "
        "that do not overlap, the last one shorter. Each window is a sequence of its own; every id but its first is "
        "predicted from those before it. The value is exp(sum of -ln p / number of predicted ids).",
        "window": WINDOW,
        "tokens": len(ids),
        "predicted": sum(counts),
        "window_mean_loss": [float(f"{loss / count:.7g}") for loss, count in zip(losses, counts)],
        "value": float(f"{math.exp(sum(losses) / sum(counts)):.7g}"),
    }


def main(path):
    metadata, _ = reading.open_file(path)
    model, tokenizer = reading.read_model(path), make_tokenizer(metadata)
    conversations = [answer(model, tokenizer, messages) for messages in CONVERSATIONS]
    text_ids = tokenizer((HERE / "text.txt").read_text(encoding="utf-8"), add_special_tokens=False)["input_ids"]
    measured = perplexity(model, text_ids)
    print(f"perplexity {measured['value']} over {measured['tokens']} tokens")
    common.check(measured["value"] < 40, "the model does not talk sense")
    common.save_json(
        HERE / "golden.json",
        {
            "model": {"file": Path(path).name, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()},
            "versions": common.versions(),
            "conversations": conversations,
            "first_logits": {"conversation": PROBED} | first_logits(model, conversations[PROBED]["prompt_ids"]),
            "float32_noise": float32_noise(model, conversations),
            "perplexity": {"file": "text.txt"} | measured | {"ids_start": text_ids[:32]},
        },
    )


if __name__ == "__main__":
    common.check(len(sys.argv) == 2, "usage: recipe.py PATH_OF_THE_GGUF_FILE")
    main(sys.argv[1])
