"""PyTorch with Hugging Face transformers, in f32. https://pytorch.org"""

from pathlib import Path

from .peer import Peer

ENGINE = "PyTorch"
WEIGHTS = {"embed": ["f32"]}


def convert(task: str, weights: str, source: Path, target: Path) -> None:
    """It reads the folder as it is."""
    target.symlink_to(source)


class Encoder(Peer):
    def __init__(self, folder: Path, threads: int):
        import torch
        import transformers

        torch.set_num_threads(threads)
        self.torch = torch
        self.model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()

    def hidden_states(self, ids, mask):
        torch = self.torch
        with torch.inference_mode():
            states = self.model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
        return states.last_hidden_state.numpy()


def load(task: str, weights: str, folder: Path, threads: int) -> Peer:
    return Encoder(folder, threads)
