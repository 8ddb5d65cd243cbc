"""What is measured, and the sessions that measure it.

A piece of work is a dictionary, the same for every engine:

    {"work": "prefill", "tokens": 512}                         a prompt of that length, to the first new token
    {"work": "decode", "sequences": 8, "new_tokens": 64}       behind prompts of one token
    {"work": "continue", "prompt": [id, ...], "new_tokens": 16}      both speeds, one after the other
    {"work": "embed", "texts": [[id, ...], ...], "batch": 8}   `batch` texts side by side, padded where an engine pads
    {"work": "translate", "sources": [[id, ...], ...], "beams": 4, "new_tokens": 32, "banned": [id, ...]}

Nobody stops before the last new token. Speeds are units a second, by name.
"""

import contextlib
import dataclasses
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from .places import BENCH

Work = dict
Speeds = dict[str, float]


class Unavailable(Exception):
    """An engine that cannot take part, and why."""


class Session:
    """One engine with one model."""

    def measure(self, works: list[Work]) -> list[Speeds]:
        """The speed of each piece of work, once."""
        raise NotImplementedError

    def result(self, work: Work):
        """What the engine makes of it, where it can show that."""
        raise Unavailable("shows no result")

    def close(self) -> None:
        """Ends its process, if it has one."""


@dataclasses.dataclass(frozen=True)
class EnginePath:
    """A way through an engine: the model, the weights it uses, and how many threads, if not as many as everybody."""

    engine: str
    model: str
    weights: str
    open: Callable[[int], Session] = dataclasses.field(compare=False)
    threads: int | None = None

    @property
    def label(self) -> str:
        alone = {None: "", 1: ", 1 thread"}.get(self.threads, f", {self.threads} threads")
        return f"{self.engine} {self.weights}{alone}"


def units(work: Work) -> int:
    """New tokens, or tokens read, of a piece of work that has one speed."""
    match work["work"]:
        case "prefill":
            return work["tokens"]
        case "decode":
            return work["sequences"] * work["new_tokens"]
        case "embed":
            return sum(map(len, work["texts"]))
        case "translate":
            return len(work["sources"]) * work["new_tokens"]
    raise ValueError(f"{work['work']} has more than one speed")


def run_json(command: list[object]):
    """What a program prints, as JSON. Its own words where it fails."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"exit status {done.returncode}: {last_words(done.stderr)}")
    return json.loads(done.stdout)


def last_words(text: str) -> str:
    """The end of an error's text."""
    return "\n".join(text.strip().splitlines()[-3:])[-600:]


class ServedSession(Session):
    """A process that is asked line by line, in JSON (comparison.worker, task_rounds). What it does for the first time
    is not counted, but for long prompts."""

    def __init__(self, command: list[object], threads: int):
        self.errors = tempfile.TemporaryFile("w+")
        environment = os.environ | {"PYTHONPATH": str(BENCH), "OMP_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, env=environment)  # fmt: skip
        self.seen: set[str] = set()

    def ask(self, work: Work) -> dict:
        try:
            self.process.stdin.write(json.dumps(work) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise Unavailable(last_words(self.errors.read()) or "the process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise Unavailable(answer["error"])
        return answer

    def measure(self, works: list[Work]) -> list[Speeds]:
        speeds = []
        for work in works:
            key = json.dumps(work)
            if key not in self.seen and work["work"] != "continue":
                self.seen.add(key)
                self.ask(work)
            speeds.append(speeds_of(work, self.ask(work)))
        return speeds

    def result(self, work: Work):
        return self.ask(work)["result"]

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def speeds_of(work: Work, answer: dict) -> Speeds:
    """The speeds of a served answer."""
    if work["work"] != "continue":
        return {work["work"]: units(work) / answer["seconds"]}
    seconds = answer["result"]
    return {"prefill": len(work["prompt"]) / seconds["prompt"], "decode": work["new_tokens"] / seconds["rest"]}


def program(path: Path) -> Path:
    """A program that has to be there."""
    if not path.exists():
        raise Unavailable(f"{path} is not built")
    return path
