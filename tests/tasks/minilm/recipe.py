"""The embeddings that transformers gives with all-MiniLM-L6-v2: mean pooling, the length 1, at most 256 tokens.

Run: python recipe.py FOLDER, where `models/fetch all-minilm-l6-v2` prints the folder. With `--compare` and the library
sentence-transformers installed, its own embeddings are held against the recorded ones.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "golden"))
import common  # noqa: E402

TEXTS = [
    "a blue door",
    "The blue door at the end of the hall is open.",
    "The azure gate is not closed.",
    "Stock prices fell sharply on Monday.",
    "",
    " ",
    "a",
    "42",
    "?!",
    "The innkeeper keeps a red key behind the bar and gives it to nobody after midnight.",
    "Der Wirt verwahrt hinter dem Tresen einen roten Schlüssel.",
    "L'aubergiste garde une clé rouge derrière le bar.",
    "El posadero guarda una llave roja detrás de la barra.",
    "旅店老板在吧台后面放着一把红钥匙。",
    "宿屋の主人は赤い鍵をカウンターの後ろに置いている。",
    "Хозяин гостиницы хранит красный ключ за стойкой.",
    "naïve café — “quoted” … ½ ™ 🙂👩‍🚀",
    "int main() { return 0; }  // [CLS] [SEP] [MASK]",
    "supercalifragilisticexpialidocious " * 3,
    "word " * 253,  # 255 tokens with [CLS] and [SEP]: one is left
    "Once upon a time there was a village at the edge of a dark forest. " * 40,  # far beyond the limit
]


def main(folder):
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    vectors = []
    for text in TEXTS:
        batch = tokenizer(text.strip(), truncation=True, max_length=256, return_tensors="pt")
        rows = model(**batch).last_hidden_state[0].double()
        vectors.append(torch.nn.functional.normalize(rows.mean(0), dim=0).float())
    embeddings = torch.stack(vectors)
    common.check(embeddings.shape == (len(TEXTS), 384), "another model")
    if "--compare" in sys.argv:
        from sentence_transformers import SentenceTransformer

        found = torch.tensor(SentenceTransformer(folder, device="cpu").encode(TEXTS))
        largest = (found - embeddings).abs().max().item()
        print("against sentence-transformers:", common.rounded(largest))
        common.check(largest < 1e-5, "sentence-transformers gives other embeddings")
    save_file({"embeddings": embeddings}, HERE / "embeddings.safetensors")
    (HERE / "texts.json").write_text(json.dumps(TEXTS, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
