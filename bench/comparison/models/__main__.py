"""`python -m comparison.models NAME SOURCE TARGET`: TARGET is complete or absent."""

import shutil
import sys
from pathlib import Path

from . import checkpoint, random_llama, random_marian

RECIPES = {"checkpoint": checkpoint.write, "opus-mt-shape": random_marian.write} | {
    name: random_llama.writer(name) for name in random_llama.SHAPES
}


def main() -> None:
    name, source, target = sys.argv[1:]
    unfinished = Path(target + ".unfinished")
    if unfinished.is_dir():
        shutil.rmtree(unfinished)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    RECIPES[name](Path(source), unfinished)
    unfinished.rename(target)


if __name__ == "__main__":
    main()
