"""Gemma 3 270M in Q4_K, Q5_0, Q6_K and Q8_0: what transformers goes on with on its dequantized weights.

Run: python recipe.py PATH_OF_THE_GGUF_FILE. Writes golden.json. Ids are those of the sentencepiece library (0.2.3) for a
model of the file's pieces and scores. The weights are not in the repository; models/manifest.json says where they are.
"""

import copy
import hashlib
import sys
from pathlib import Path

from sentencepiece import SentencePieceProcessor
from sentencepiece import sentencepiece_model_pb2 as sentencepiece_model

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import common  # noqa: E402
import gguf_reading as reading  # noqa: E402

NEW_IDS = 32
SMALLEST_GAP = 2e-3  # between the two best of logits around 20; a tie would test noise
USER_DEFINED = 4
PROMPTS = [
    "The capital of France is",
    "Once upon a time there was a little robot who",
    "def fibonacci(n):\n    ",
    "Die Hauptstadt von Österreich heißt",
    # longer than the window of 512
    "\n".join(f"{number}. The square of {number} is {number * number}." for number in range(1, 46)) + "\n46.",
]


def read_tokenizer(metadata):
    """The file's pieces as a model of the sentencepiece library. llama.cpp's converter has blanks in the pieces that a
    user defined, where the library has U+2581."""
    model = sentencepiece_model.ModelProto()
    columns = (metadata[f"tokenizer.ggml.{name}"] for name in ("tokens", "scores", "token_type"))
    for token, score, kind in zip(*columns):
        piece = token.replace(" ", "\u2581") if kind == USER_DEFINED else token
        model.pieces.add(piece=piece, score=score, type=kind)
    model.trainer_spec.model_type = sentencepiece_model.TrainerSpec.BPE
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.unk_id = metadata["tokenizer.ggml.unknown_token_id"]
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = metadata["tokenizer.ggml.add_space_prefix"]
    model.normalizer_spec.remove_extra_whitespaces = False
    return SentencePieceProcessor(model_proto=model.SerializeToString())


def continuation(model, tokenizer, prompt):
    prompt_ids = [model.config.bos_token_id, *tokenizer.encode(prompt)]
    ids = common.greedy(model, prompt_ids, NEW_IDS)
    logits = common.logits_of(model, prompt_ids + ids)[len(prompt_ids) - 1 : -1]
    common.check(logits.argmax(-1).tolist() == ids, "cached and recomputed greedy ids differ")
    best = logits.topk(2).values
    gap = (best[:, 0] - best[:, 1]).min().item()
    print(f"--- {len(prompt_ids)} ids, smallest gap {gap:.3f}\n{tokenizer.decode(ids)}")
    common.check(gap >= SMALLEST_GAP, "two tokens nearly tie: choose another prompt")
    return {"prompt": prompt, "prompt_ids": prompt_ids, "ids": ids, "smallest_gap": common.rounded(gap)}


def main(path):
    metadata, _ = reading.open_file(path)
    model, tokenizer = reading.read_model(path), read_tokenizer(metadata)
    recorded = [continuation(model, tokenizer, prompt) for prompt in PROMPTS]
    ids = recorded[0]["prompt_ids"]
    exact = common.logits_of(copy.deepcopy(model).double(), ids)
    noise = (common.logits_of(model, ids).double() - exact).abs().max().item()
    common.check(noise * 10 < min(one["smallest_gap"] for one in recorded), "noise is too near to the smallest gap")
    best = common.logits_of(model, ids)[-1].topk(20)
    common.save_json(
        HERE / "golden.json",
        {
            "model": {"file": Path(path).name, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()},
            "versions": common.versions(),
            "continuations": recorded,
            "first_logits": {"ids": best.indices.tolist(), "logits": [float(f"{x:.7g}") for x in best.values.tolist()]},
            "float32_noise": common.rounded(noise),
        },
    )


if __name__ == "__main__":
    common.check(len(sys.argv) == 2, "usage: recipe.py PATH_OF_THE_GGUF_FILE")
    main(sys.argv[1])
