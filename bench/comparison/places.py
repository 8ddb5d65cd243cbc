"""Where models, programs and peers lie."""

import dataclasses
import os
import subprocess
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
ROOT = BENCH.parent


def cache() -> Path:
    """The folder of models/fetch."""
    if "EIGENFORMER_CACHE" in os.environ:
        return Path(os.environ["EIGENFORMER_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eigenformer"


@dataclasses.dataclass(frozen=True)
class Places:
    """`peers` is the folder that bench/install_peers fills."""

    peers: Path
    program: Path = ROOT / "build" / "release" / "eigenformer"
    task_rounds: Path = ROOT / "build" / "bench" / "bench" / "task_rounds"

    @property
    def python(self) -> Path:
        """The interpreter that has the peers' packages."""
        return self.peers / "venv" / "bin" / "python"

    @property
    def models(self) -> Path:
        """Models that were converted or made here."""
        return self.peers / "models"

    def llama_program(self, name: str) -> Path:
        return self.peers / "llama.cpp" / "build" / "bin" / name

    def model(self, name: str) -> Path | None:
        """A model of models/manifest.json, if models/fetch has brought it."""
        command = [ROOT / "models" / "fetch", "--path", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return Path(done.stdout.splitlines()[-1]) if done.returncode == 0 else None

    def module(self, name: str, *arguments: object) -> list[str]:
        """The command that runs a module of this package where the peers' packages are."""
        return [str(self.python), "-m", f"comparison.{name}", *map(str, arguments)]
