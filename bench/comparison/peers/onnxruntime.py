"""ONNX Runtime: a graph fused by its own optimizer for transformers, in f32 or with dynamic int8. https://onnxruntime.ai"""

import json
from pathlib import Path

from .peer import Peer
from .traceable_encoder import traceable_encoder

ENGINE = "ONNX Runtime"
WEIGHTS = {"embed": ["f32", "int8"]}


def export(source: Path, file: Path) -> None:
    """The encoder as ONNX, with any number of texts and tokens."""
    import torch

    names = ["input_ids", "attention_mask"]
    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "texts", 1: "tokens"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(traceable_encoder(source, "eager"), (example, example), str(file), input_names=names,
                      output_names=["last_hidden_state"], dynamic_axes=axes, opset_version=17,
                      dynamo=False)  # fmt: skip


def spell_out_attention(file: Path, heads: int, head_size: int) -> None:
    """Attention as the optimizer knows it, which fuses nothing else: reshapes to constant shapes, in which 0 keeps a
    size, and scores divided by sqrt(head_size)."""
    import numpy
    import onnx

    model = onnx.load(file)
    graph = model.graph
    producers = {name: node.op_type for node in graph.node for name in node.output}
    constants = {
        "split_heads": numpy.array([0, 0, heads, head_size]),
        "join_heads": numpy.array([0, 0, heads * head_size]),
        "divisor": numpy.array(head_size**0.5, dtype=numpy.float32),
    }
    graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in constants.items())
    for node in graph.node:
        match node.op_type, producers.get(node.input[0] if node.input else None):
            case "Reshape", "Add":
                node.input[1] = "split_heads"
            case "Reshape", "Transpose":
                node.input[1] = "join_heads"
            case "Mul", "MatMul":
                node.op_type = "Div"
                node.input[1] = "divisor"
    onnx.save(model, file)


def convert(task: str, weights: str, source: Path, target: Path) -> None:
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    target.mkdir(parents=True)
    plain, fused, file = (target / name for name in ("plain.onnx", "fused.onnx", "model.onnx"))
    config = json.loads((source / "config.json").read_text())
    heads, width = config["num_attention_heads"], config["hidden_size"]
    export(source, plain)
    spell_out_attention(plain, heads, width // heads)
    optimize_model(str(plain), model_type="bert", num_heads=heads, hidden_size=width).save_model_to_file(str(fused))
    plain.unlink()
    if weights == "int8":
        # The fused operators are the runtime's own: shape inference does not know their type.
        types = {"DefaultTensorType": TensorProto.FLOAT}
        quantize_dynamic(fused, file, weight_type=QuantType.QInt8, extra_options=types)
        fused.unlink()
    else:
        fused.rename(file)


class Encoder(Peer):
    def __init__(self, folder: Path, threads: int):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, ["CPUExecutionProvider"])

    def hidden_states(self, ids, mask):
        return self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


def load(task: str, weights: str, folder: Path, threads: int) -> Peer:
    return Encoder(folder, threads)
