"""What was measured on: the machine, its own limits, versions of the engines."""

import json
import os
import platform
import re
import subprocess
from pathlib import Path

from .places import BENCH, ROOT, Places
from .work import program, run_json

PACKAGES = ["ctranslate2", "onnxruntime", "onnxruntime-genai", "openvino", "openvino-genai", "torch", "transformers"]


def describe() -> dict:
    """Processor, cores, memory, and how busy it is."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"^model name\s*:\s*(.+)$", info, re.M)
    flags = re.search(r"^flags\s*:\s*(.+)$", info, re.M)
    kinds = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
    return {
        "processor": name[1] if name else platform.processor(),
        "instruction_sets": [kind for kind in kinds if flags and kind in flags[1].split()],
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "load_average": os.getloadavg()[0],
    }


def limits(places: Places, model: Path, threads: int) -> dict:
    """Bytes read, f32 and int8 operations a second, and the instruction set, by `eigenformer bench`."""
    command = [program(places.program), "bench", model, "-p", 8, "-n", 0, "-r", 1, "--threads", threads, "--json"]
    found = run_json(command)
    return found["limits"] | {"isa": found["isa"]}


def versions(places: Places) -> dict:
    """Of the peers' packages, and of llama.cpp's source package."""
    found = {}
    if places.python.exists():
        script = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
        done = subprocess.run([places.python, "-c", script, *PACKAGES], capture_output=True, text=True, check=False)
        found = json.loads(done.stdout) if done.returncode == 0 else {}
    pinned = re.search(r"^# llama-cpp-python==(\S+)", (BENCH / "requirements.txt").read_text(), re.M)
    return found | {"llama-cpp-python": pinned[1] if pinned else None}


def commit() -> str | None:
    """Of the source tree."""
    done = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                          check=False)  # fmt: skip
    return done.stdout.strip() or None
