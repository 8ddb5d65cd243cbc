"""OpenVINO: encoders, in f32 or quantized by NNCF. https://docs.openvino.ai"""

from pathlib import Path

from .peer import Peer, arbitrary_ids
from .traceable_encoder import traceable_encoder

ENGINE = "OpenVINO"
WEIGHTS = {"embed": ["f32", "int8"]}
CALIBRATION_TEXTS = 32


def calibration(vocabulary: int):
    """Texts of arbitrary tokens: speed does not depend on which they are."""
    import numpy

    for text in range(CALIBRATION_TEXTS):
        ids = numpy.array([arbitrary_ids(64 + text, vocabulary)], dtype=numpy.int64)
        yield {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}


def convert(task: str, weights: str, source: Path, target: Path) -> None:
    import nncf
    import openvino
    import torch

    module = traceable_encoder(source, "sdpa")
    example = torch.ones((2, 8), dtype=torch.int64)
    model = openvino.convert_model(module, example_input={"input_ids": example, "attention_mask": example})
    if weights == "int8":
        texts = nncf.Dataset(list(calibration(module.encoder.config.vocab_size)))
        model = nncf.quantize(model, texts, model_type=nncf.ModelType.TRANSFORMER, subset_size=CALIBRATION_TEXTS)
    openvino.save_model(model, target / "model.xml", compress_to_fp16=False)


class Encoder(Peer):
    """Where a processor has bfloat16 OpenVINO computes f32 models in it, unless it is told not to."""

    def __init__(self, folder: Path, weights: str, threads: int):
        import openvino

        options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        if weights == "f32":
            options["INFERENCE_PRECISION_HINT"] = "f32"
        self.model = openvino.Core().compile_model(folder / "model.xml", "CPU", options)

    def hidden_states(self, ids, mask):
        return self.model({"input_ids": ids, "attention_mask": mask})[0]


def load(task: str, weights: str, folder: Path, threads: int) -> Peer:
    return Encoder(folder, weights, threads)
