"""Eigenformer itself: `eigenformer bench` for language models, task_rounds for the rest."""

from pathlib import Path

from ..places import Places
from ..work import EnginePath, ServedSession, Session, Speeds, Work, program, run_json

ENGINE = "eigenformer"
WEIGHT_OPTIONS = {"f32": "as-is", "int8": "q8", "Q4_1": "as-is"}


class LanguageSession(Session):
    """Starts the program for each measurement; it warms up by itself and measures the machine's limits as well."""

    def __init__(self, places: Places, model: Path, threads: int):
        self.program, self.rounds_program = program(places.program), program(places.task_rounds)
        self.model, self.threads = model, threads
        self.served: ServedSession | None = None
        self.limits: list[dict] = []

    def bench(self, *options: object) -> list[dict]:
        report = run_json([self.program, "bench", self.model, "--threads", self.threads, "--json", *options])
        self.limits.append(report["limits"])
        return report["results"]

    def measure(self, works: list[Work]) -> list[Speeds]:
        """Decoding of several sizes is one run of the program."""
        speeds: dict[int, Speeds] = {}
        decoding = [index for index, work in enumerate(works) if work["work"] == "decode"]
        if decoding:
            batches = ",".join(str(works[index]["sequences"]) for index in decoding)
            first = works[decoding[0]]
            results = self.bench("-p", 0, "-n", first["new_tokens"], "-b", batches, "-r", first["repetitions"])
            for index, result in zip(decoding, results, strict=True):
                speeds[index] = {"decode": result["tokens_per_second"]["median"]}
        for index, work in enumerate(works):
            if work["work"] == "prefill":
                results = self.bench("-p", work["tokens"], "-n", 0, "-r", work["repetitions"])
                speeds[index] = {"prefill": results[0]["tokens_per_second"]["median"]}
            elif work["work"] == "continue":
                speeds[index] = self.serve().measure([work])[0]
        return [speeds[index] for index in range(len(works))]

    def serve(self) -> ServedSession:
        if self.served is None:
            self.served = ServedSession([self.rounds_program, self.model, self.threads, "as-is"], self.threads)
        return self.served

    def result(self, work: Work):
        """The ids of {"work": "say"}."""
        ids = ",".join(map(str, work["prompt"]))
        command = [self.program, "generate", self.model, "--ids", ids, "-n", work["new_tokens"], "--temperature", 0]
        return run_json([*command, "--threads", self.threads, "--json"])["sequences"][0]["ids"]

    def close(self) -> None:
        if self.served is not None:
            self.served.close()


def language_path(places: Places, model: Path, threads: int | None = None) -> EnginePath:
    return EnginePath(ENGINE, model.stem, "Q4_1", lambda count: LanguageSession(places, model, count), threads)


def served_path(places: Places, model: Path, weights: str, threads: int | None = None) -> EnginePath:
    """For models that embed or translate."""

    def start(count: int) -> Session:
        command = [program(places.task_rounds), model, count, WEIGHT_OPTIONS[weights]]
        return ServedSession(command, count)

    return EnginePath(ENGINE, model.stem, weights, start, threads)
