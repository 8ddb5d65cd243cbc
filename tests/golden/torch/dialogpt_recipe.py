"""A folder as microsoft/DialoGPT-large lies on the hub, of a model so small that it is trained here. Run: python
dialogpt_recipe.py

dialogpt/: config.json with the hub's keys; vocab.json and merges.txt; tokenizer_config.json, which names no class;
pytorch_model.bin in the stream form with weights in float16, the head tied to the embedding, and the causal masks among
them. expected.safetensors, chat.json: what transformers computes with it in float32.
"""

import copy
import sys
from collections import OrderedDict
from pathlib import Path

import recipe
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402

FOLDER = HERE / "dialogpt"
SEED = 51
POSITIONS = 96
STEPS = 400
END = "<|endoftext|>"
TALKS = [
    ("Does money buy happiness?", "It depends how much you spend.", "What is the best way?", "A good night's sleep."),
    ("Where are we?", "In the old library.", "Who keeps it?", "An owl, I'm told."),
    ("Hello!", "Hi there.", "How are you?", "Fine, and you?"),
    ("Is it far to the caf\u00e9?", "Two streets, then left.", "Thank you!", "You're welcome."),
]


def train_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=320, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([text for talk in TALKS for text in talk], trainer)
    tokenizer.model.save(str(FOLDER))
    vocabulary = tokenizer.get_vocab()
    ordered = dict(sorted(vocabulary.items(), key=lambda entry: entry[1])) | {END: len(vocabulary)}
    common.save_json(FOLDER / "vocab.json", ordered)
    common.save_json(FOLDER / "tokenizer_config.json", {"model_max_length": 1024})
    return len(ordered)


def hub_config(vocabulary):
    """The keys of the hub's config.json, in its order."""
    return {
        "activation_function": "gelu_new",
        "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.1,
        "bos_token_id": vocabulary - 1,
        "embd_pdrop": 0.1,
        "eos_token_id": vocabulary - 1,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05,
        "model_type": "gpt2",
        "n_ctx": POSITIONS,
        "n_embd": 36,
        "n_head": 3,
        "n_layer": 2,
        "n_positions": POSITIONS,
        "resid_pdrop": 0.1,
        "summary_activation": None,
        "summary_first_dropout": 0.1,
        "summary_proj_to_labels": True,
        "summary_type": "cls_index",
        "summary_use_proj": True,
        "task_specific_params": {"conversational": {"max_length": 1000}},
        "vocab_size": vocabulary,
    }


def train(config, tokenizer):
    torch.manual_seed(SEED)
    model = common.redraw(GPT2LMHeadModel(GPT2Config(**config)), SEED)
    rows = [torch.tensor([tokenizer.encode(END.join(talk) + END)]) for talk in TALKS]
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        with torch.enable_grad():
            loss = sum(model(row, labels=row).loss for row in rows)
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
    print(f"loss {loss.item() / len(rows):.4f}")
    return model


def save_weights(model):
    """As transformers 2 saved it: the head is the embedding's own storage, each layer keeps its mask."""
    half = copy.deepcopy(model).half()
    half.tie_weights()
    state = half.state_dict()
    mask = torch.tril(torch.ones(POSITIONS, POSITIONS, dtype=torch.uint8)).view(1, 1, POSITIONS, POSITIONS)
    saved = OrderedDict()
    for name, tensor in state.items():
        layer = name.removesuffix("attn.c_attn.weight")
        if layer != name:
            saved[layer + "attn.bias"] = mask.clone()
            saved[layer + "attn.masked_bias"] = torch.tensor(-1e4, dtype=torch.float16)
        saved[name] = tensor
    saved._metadata = state._metadata
    embedding = saved["transformer.wte.weight"].untyped_storage().data_ptr()
    common.check(saved["lm_head.weight"].untyped_storage().data_ptr() == embedding, "the head is not tied")
    (FOLDER / "pytorch_model.bin").write_bytes(recipe.stream(saved))


def talk_twice(model, tokenizer, questions):
    """Two turns as the model's card on the hub has them, greedy; and the smallest gap between the two best logits."""
    history, replies, gap = [], [], float("inf")
    for question in questions:
        prompt = history + tokenizer.encode(question + tokenizer.eos_token)
        new = common.greedy(model, prompt, 40)
        common.check(tokenizer.eos_token_id in new, f"the answer to {question} does not end")
        new = new[: new.index(tokenizer.eos_token_id) + 1]
        gap = min(gap, common.greedy_recomputed(model, prompt, len(new))[1])
        reply = tokenizer.decode(new, skip_special_tokens=True)
        common.check(tokenizer.encode(reply + tokenizer.eos_token) == new, f"{reply} is not encoded as it was said")
        replies.append(reply)
        history = prompt + new
    return {"messages": list(questions), "replies": replies, "ids": history, "smallest_gap": common.rounded(gap)}


def main():
    common.fresh_folder(FOLDER)
    vocabulary = train_tokenizer()
    common.save_config(FOLDER, hub_config(vocabulary))
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    common.check(tokenizer.eos_token_id == vocabulary - 1, "the end token is another")
    save_weights(train(hub_config(vocabulary), tokenizer))
    model = common.load(AutoModelForCausalLM, FOLDER, unexpected=(".attn.bias", ".attn.masked_bias"))
    talks = [talk_twice(model, tokenizer, talk[::2]) for talk in TALKS]
    for talk, taught in zip(talks, TALKS, strict=True):
        common.check(tuple(talk["replies"]) == taught[1::2], f"{talk['replies']} instead of {taught[1::2]}")
        common.check(talk["smallest_gap"] > common.GAP_FACTOR * common.TOLERANCE, "two tokens nearly tie")
    ids = talks[0]["ids"]
    logits = common.logits_of(model, ids)
    save_file({"input_ids": torch.tensor([ids]), "logits": logits.contiguous()}, FOLDER / "expected.safetensors")
    common.save_json(
        FOLDER / "chat.json", {"talks": talks, "tolerance": common.TOLERANCE, "versions": common.versions()}
    )
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(f"{size / 1000:.0f} kB; {len(ids)} ids; {talks}")


if __name__ == "__main__":
    main()
