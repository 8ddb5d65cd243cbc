"""ONNX Runtime GenAI: models of its own builder. https://github.com/microsoft/onnxruntime-genai"""

from pathlib import Path

from .peer import Ids, Peer

ENGINE = "ONNX Runtime GenAI"
WEIGHTS = {"language": ["int4", "int8"]}


def convert(task: str, weights: str, source: Path, target: Path) -> None:
    """Products of 4-bit weights with 8-bit activations (accuracy level 4), logits of the last token alone: the fastest."""
    from onnxruntime_genai.models.builder import create_model, parse_extra_options

    plan = (None, str(source), str(target), weights, "cpu", str(target / "parts"))
    create_model(*plan, **parse_extra_options(*plan, ["int4_accuracy_level=4", "prune_lm_head=true"]))


class Generator(Peer):
    def __init__(self, folder: Path, threads: int):
        import onnxruntime_genai

        self.genai = onnxruntime_genai
        config = onnxruntime_genai.Config(str(folder))
        self.model = onnxruntime_genai.Model(config)

    def generate(self, prompts: list[Ids], new_tokens: int) -> list[Ids]:
        import numpy

        length = len(prompts[0]) + new_tokens
        parameters = self.genai.GeneratorParams(self.model)
        parameters.set_search_options(max_length=length, min_length=length, batch_size=len(prompts), do_sample=False)
        generator = self.genai.Generator(self.model, parameters)
        generator.append_tokens(numpy.array(prompts, dtype=numpy.int32))
        while not generator.is_done():
            generator.generate_next_token()
        return [list(map(int, generator.get_sequence(row)[len(prompts[0]) :])) for row in range(len(prompts))]


def load(task: str, weights: str, folder: Path, threads: int) -> Peer:
    return Generator(folder, threads)
