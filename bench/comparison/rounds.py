"""Everybody in turn, round after round."""

import dataclasses
import time
from collections.abc import Callable

from .work import EnginePath, Session, Speeds, Unavailable, Work

Say = Callable[[str], None]

REST_SECONDS = 0.2  # for threads of the engine before, which may still spin


@dataclasses.dataclass(frozen=True)
class Case:
    """Pieces of work that are measured one after the other, by every path."""

    name: str
    works: dict[str, Work]  # by the point's name
    paths: list[EnginePath]
    rounds: int
    unit: str = "tokens/s"

    def with_at_most(self, rounds: int | None) -> "Case":
        """Fewer rounds, for a quick look."""
        return self if rounds is None else dataclasses.replace(self, rounds=min(rounds, self.rounds))


class Sessions:
    """Those of a part, opened when they are first wanted. A path that fails takes no further part."""

    def __init__(self, threads: int):
        self.threads = threads
        self.opened: dict[EnginePath, Session] = {}
        self.failed: dict[EnginePath, str] = {}

    def of(self, path: EnginePath) -> Session:
        if path not in self.opened:
            self.opened[path] = path.open(path.threads or self.threads)
        return self.opened[path]

    def attempt(self, path: EnginePath, call):
        """What `call` makes of the path's session; None from the path's first failure on."""
        if path in self.failed:
            return None
        try:
            return call(self.of(path))
        except Unavailable as error:
            self.failed[path] = str(error)
            return None

    def close(self) -> None:
        for session in self.opened.values():
            session.close()
        self.opened.clear()


def alternate(case: Case, sessions: Sessions, say: Say) -> dict[str, dict[str, list[float]]]:
    """Speeds, one a round, by "point" or "point, speed" and the path's label. Who begins changes from round to round."""
    measured: dict[str, dict[str, list[float]]] = {}
    for number in range(case.rounds):
        first = number % len(case.paths)
        for path in case.paths[first:] + case.paths[:first]:
            time.sleep(REST_SECONDS)
            speeds = sessions.attempt(path, lambda session: session.measure(list(case.works.values())))
            if speeds is None:
                continue
            for point, each in zip(case.works, speeds, strict=True):
                for name, value in named(point, each):
                    measured.setdefault(name, {}).setdefault(path.label, []).append(value)
        say(f"  {case.name}: round {number + 1} of {case.rounds}")
    return measured


def named(point: str, speeds: Speeds) -> list[tuple[str, float]]:
    """A point with one speed goes by its own name."""
    if len(speeds) == 1:
        return [(point, *speeds.values())]
    return [(f"{point}, {name}", value) for name, value in speeds.items()]
