"""Which models there are, and which engines have a way through them. Models are made or converted when they are first
wanted, and kept."""

import functools
import importlib
import subprocess
from pathlib import Path

from .peers import eigenformer, llama_cpp
from .places import BENCH, Places
from .work import EnginePath, ServedSession, Session, Unavailable, last_words, program

DEFAULT = "smollm2-135m-instruct"
MINILM = "all-minilm-l6-v2"
MARIAN = "opus-mt-shape"
PACKAGES = ["ctranslate2", "onnxruntime", "onnxruntime_genai", "openvino", "openvino_genai", "pytorch"]


class Catalogue:
    def __init__(self, places: Places):
        self.places = places

    # ---- models ------------------------------------------------------------------------------------------------------

    def made(self, name: str, source: Path, target: Path) -> Path:
        """A model by a recipe of comparison.models."""
        return self.ensure(target, self.places.module("models", name, source, target))

    def ensure(self, target: Path, command: list[str]) -> Path:
        """Runs the command that makes a model. What failed once is not tried again until its `.failed` is removed."""
        failed = target.with_name(target.name + ".failed")
        if failed.exists():
            raise Unavailable(failed.read_text())
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            program(self.places.python)
            done = subprocess.run(command, cwd=BENCH, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                failed.write_text(f"{' '.join(command[2:6])}: {last_words(done.stderr)}")
                raise Unavailable(failed.read_text())
        return target

    def forget_failures(self) -> None:
        for file in self.places.models.glob("*.failed"):
            file.unlink()

    def default_model(self) -> Path:
        return self.fetched(DEFAULT)

    @functools.cache
    def fetched(self, name: str) -> Path:
        """A model of models/manifest.json."""
        found = self.places.model(name)
        if found is None:
            raise Unavailable(f"the model is not there: models/fetch {name}")
        return found

    def gguf(self, weights: str) -> Path:
        """The default model with other types of weights."""
        target = self.places.models / f"{DEFAULT}.{weights}.gguf"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            llama_cpp.quantize(self.places, self.default_model(), target, weights)
        return target

    def shape(self, name: str) -> Path:
        return self.made(name, self.default_model(), self.places.models / f"{name}.gguf")

    def folder(self, task: str) -> Path:
        """What engines that read Hugging Face folders convert."""
        if task == "embed":
            return self.fetched(MINILM)
        if task == "translate":
            return self.made(MARIAN, Path(), self.places.models / MARIAN)
        return self.made("checkpoint", self.default_model(), self.places.models / "checkpoint")

    def converted(self, peer: str, task: str, weights: str) -> Path:
        target = self.places.models / f"{task}.{peer}.{weights}"
        return self.ensure(target, self.places.module("convert", peer, task, weights, self.folder(task), target))

    # ---- paths -------------------------------------------------------------------------------------------------------

    def package_paths(self, task: str, wanted: set[str]) -> list[EnginePath]:
        """Those of the engines that are Python packages."""
        paths = []
        for peer in PACKAGES:
            module = importlib.import_module(f".peers.{peer}", __package__)
            for weights in module.WEIGHTS.get(task, []):
                if weights in wanted:
                    start = self.starter(peer, task, weights)
                    paths.append(EnginePath(module.ENGINE, task, weights, start))
        return paths

    def starter(self, peer: str, task: str, weights: str):
        def start(threads: int) -> Session:
            folder = self.converted(peer, task, weights)
            return ServedSession(self.places.module("worker", peer, task, weights, folder, threads), threads)

        return start

    def language(self) -> list[EnginePath]:
        """Ways through the default model, Eigenformer's first."""
        paths = [
            eigenformer.language_path(self.places, self.default_model()),
            llama_cpp.language_path(self.places, self.default_model(), "Q4_1"),
        ]
        paths += [self.llama_quantized(weights) for weights in ("Q4_0", "Q8_0")]
        return paths + self.package_paths("language", {"int4", "int8"})

    def llama_quantized(self, weights: str) -> EnginePath:
        def start(threads: int) -> Session:
            return llama_cpp.LanguageSession(self.places, self.gguf(weights), threads)

        return EnginePath(llama_cpp.ENGINE, DEFAULT, weights, start)

    def both_on_file(self, model: Path) -> list[EnginePath]:
        """Eigenformer and llama.cpp on one file."""
        return [
            eigenformer.language_path(self.places, model),
            llama_cpp.language_path(self.places, model, "Q4_1"),
        ]

    def served(self, task: str, weights: str) -> list[EnginePath]:
        """Ways through the model that embeds or translates, Eigenformer's first."""
        mine = eigenformer.served_path(self.places, self.folder(task), weights)
        return [mine, *self.package_paths(task, {weights})]

    def own(self, task: str, weights: str) -> list[EnginePath]:
        """Eigenformer on two threads and on one."""
        if task == "language":
            return [eigenformer.language_path(self.places, self.default_model(), threads) for threads in (2, 1)]
        return [eigenformer.served_path(self.places, self.folder(task), weights, threads) for threads in (2, 1)]
