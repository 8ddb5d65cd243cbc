"""llama.cpp: its own benchmark programs, on GGUF files. They choose no token, so they have less to do than the others.
https://github.com/ggml-org/llama.cpp"""

import json
import statistics
import subprocess
from pathlib import Path

from ..places import Places
from ..work import EnginePath, Session, Speeds, Unavailable, Work, last_words, program, run_json

ENGINE = "llama.cpp"


class LanguageSession(Session):
    """Starts a program for each measurement."""

    def __init__(self, places: Places, model: Path, threads: int):
        self.bench = program(places.llama_program("llama-bench"))
        self.batched_bench = program(places.llama_program("llama-batched-bench"))
        self.model, self.threads = model, threads

    def measure(self, works: list[Work]) -> list[Speeds]:
        """Decoding of several sizes is one run of the program."""
        speeds: dict[int, Speeds] = {}
        decoding = [index for index, work in enumerate(works) if work["work"] == "decode"]
        if len(decoding) > 1:
            for index, row in zip(decoding, self.batched([works[index] for index in decoding]), strict=True):
                speeds[index] = {"decode": row["speed_tg"]}
        for index, work in enumerate(works):
            if index not in speeds:
                speeds[index] = self.alone(work)
        return [speeds[index] for index in range(len(works))]

    def alone(self, work: Work) -> Speeds:
        if work["work"] == "continue":
            row = self.run_batched((len(work["prompt"]), work["new_tokens"], [1]))[0]
            return {"prefill": row["speed_pp"], "decode": row["speed_tg"]}
        if work["work"] == "decode" and work["sequences"] > 1:
            return {"decode": self.batched([work])[0]["speed_tg"]}
        sizes = {"prefill": ("-p", work.get("tokens"), "-n", 0), "decode": ("-p", 0, "-n", work.get("new_tokens"))}
        command = [self.bench, "-m", self.model, "-t", self.threads, "-r", work["repetitions"], "-o", "json"]
        report = run_json([*command, *sizes[work["work"]]])
        return {work["work"]: statistics.median(report[0]["samples_ts"])}

    def batched(self, works: list[Work]) -> list[dict]:
        return self.run_batched((1, works[0]["new_tokens"], [work["sequences"] for work in works]))

    def run_batched(self, sizes: tuple[int, int, list[int]]) -> list[dict]:
        """A row for each number of sequences; `sizes` are tokens of the prompt, new tokens, numbers of sequences."""
        prompt, new_tokens, sequences = sizes
        context = max(sequences) * (prompt + new_tokens + 1)
        command = [self.batched_bench, "-m", self.model, "-t", self.threads, "-tb", self.threads, "-c", context,
                   "-npp", prompt, "-ntg", new_tokens, "-npl", ",".join(map(str, sequences)),
                   "--output-format", "jsonl"]  # fmt: skip
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0 or len(rows) != len(sequences):
            raise Unavailable(f"exit status {done.returncode}, {len(rows)} rows: {last_words(done.stderr)}")
        return rows


def language_path(places: Places, model: Path, weights: str) -> EnginePath:
    return EnginePath(ENGINE, model.stem, weights, lambda threads: LanguageSession(places, model, threads))


def quantize(places: Places, source: Path, target: Path, weights: str) -> None:
    """Another type of weights, from a file whose weights are in blocks already: for speed it makes no difference."""
    unfinished = target.with_suffix(".unfinished")
    command = [program(places.llama_program("llama-quantize")), "--allow-requantize", source, unfinished, weights]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"llama-quantize: {last_words(done.stderr)}")
    unfinished.rename(target)
