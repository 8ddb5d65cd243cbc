"""OpenVINO GenAI: language models that optimum-intel exports, with weights compressed by NNCF.
https://github.com/openvinotoolkit/openvino.genai"""

from pathlib import Path

from .peer import Ids, Peer

ENGINE = "OpenVINO GenAI"
WEIGHTS = {"language": ["int4", "int8"]}
SIZES = {"int4": {"bits": 4, "group_size": 32, "ratio": 1.0, "sym": False}, "int8": {"bits": 8}}


def convert(task: str, weights: str, source: Path, target: Path) -> None:
    import openvino
    import transformers
    from openvino_tokenizers import convert_tokenizer
    from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig

    quantization = OVWeightQuantizationConfig(**SIZES[weights])
    OVModelForCausalLM.from_pretrained(source, export=True, quantization_config=quantization).save_pretrained(target)
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    models = convert_tokenizer(tokenizer, with_detokenizer=True)
    for name, model in zip(("tokenizer", "detokenizer"), models, strict=True):
        openvino.save_model(model, target / f"openvino_{name}.xml")


class Generator(Peer):
    """Without its memory of earlier prompts: every round brings the same."""

    def __init__(self, folder: Path, threads: int):
        import openvino_genai

        self.genai = openvino_genai
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.enable_prefix_caching = False
        options = {"INFERENCE_NUM_THREADS": threads, "scheduler_config": scheduler}
        self.pipeline = openvino_genai.LLMPipeline(str(folder), "CPU", options)

    def generate(self, prompts: list[Ids], new_tokens: int) -> list[Ids]:
        import numpy
        import openvino

        ids = openvino.Tensor(numpy.array(prompts, dtype=numpy.int64))
        mask = openvino.Tensor(numpy.ones((len(prompts), len(prompts[0])), dtype=numpy.int64))
        options = self.genai.GenerationConfig()
        options.max_new_tokens = new_tokens
        options.ignore_eos = True
        options.do_sample = False
        return self.pipeline.generate(self.genai.TokenizedInputs(ids, mask), options).tokens


def load(task: str, weights: str, folder: Path, threads: int) -> Peer:
    return Generator(folder, threads)
