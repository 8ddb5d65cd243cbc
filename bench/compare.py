#!/usr/bin/env python3
"""Eigenformer beside llama.cpp, CTranslate2, ONNX Runtime, OpenVINO and PyTorch: the same models, the same threads, in
turn; medians and ratios of the rounds, and a chart.

    models/fetch && models/fetch all-minilm-l6-v2
    bench/install_peers                        once: the peers, outside of the tree
    scripts/build release && scripts/build bench task_rounds
    bench/compare.py --prepare                 once: makes and converts the models, measures nothing
    bench/compare.py                           all parts, one JSON file each; parts that have one are not run again
    bench/compare.py --parts decode,embed --again
    bench/compare.py --list                    the parts

Nothing else should run. The files land in build/compare, the chart is build/compare/speed.svg (--chart FILE).
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from comparison import chart, machine, report
from comparison.catalogue import Catalogue
from comparison.places import ROOT, Places, cache
from comparison.rounds import Sessions, alternate
from comparison.work import Unavailable
from comparison.workloads import PARTS


def part_names(text: str) -> list[str]:
    """"decode,embed", in the order in which parts run."""
    names = text.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(PARTS)}, found {', '.join(unknown)}")
    return [name for name in PARTS if name in names]


def options_of(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=part_names, default=list(PARTS), metavar="NAME,NAME")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, help="at most, for a quick look")
    parser.add_argument("--again", action="store_true", help="run parts that have a file as well")
    parser.add_argument("--prepare", action="store_true", help="make and convert the models only")
    parser.add_argument("--list", action="store_true", help="show the parts and what they take")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "compare", metavar="FOLDER")
    parser.add_argument("--chart", type=Path, metavar="FILE")
    parser.add_argument("--peers", type=Path, default=cache() / "peers", metavar="FOLDER", help="of install_peers")
    return parser.parse_args(arguments)


def say(text: str) -> None:
    print(text, flush=True)


def prepare(catalogue: Catalogue, options: argparse.Namespace) -> None:
    """Starts every engine once, which makes what it needs."""
    catalogue.forget_failures()
    for name in options.parts:
        sessions = Sessions(options.threads)
        try:
            for case in PARTS[name].cases(catalogue):
                for path in case.paths:
                    sessions.attempt(path, lambda session: session)
        except Unavailable as error:
            say(f"{name}: {error}")
        sessions.close()
        for path, why in sessions.failed.items():
            say(f"{name}: {path.label}: {why}")
        say(f"{name}: done")


def measure(name: str, catalogue: Catalogue, options: argparse.Namespace) -> dict:
    """The report of a part."""
    part, sessions = PARTS[name], Sessions(options.threads)
    made_on = machine.describe()  # now: the load is not its own yet
    limits = machine.limits(catalogue.places, catalogue.default_model(), options.threads)
    checks = part.check(catalogue, sessions) if hasattr(part, "check") else []
    results = []
    for case in part.cases(catalogue):
        case = case.with_at_most(options.rounds)
        results += report.results_of(case, alternate(case, sessions, say))
    sessions.close()
    return {
        "part": name,
        "about": " ".join(part.__doc__.split()),
        "date": time.strftime("%Y-%m-%d %H:%M:%S"),
        "threads": options.threads,
        "commit": machine.commit(),
        "machine": made_on,
        "packages": machine.versions(catalogue.places),
        "limits": limits,
        "weight_bytes": catalogue.default_model().stat().st_size,
        "checks": checks,
        "unavailable": [{"path": path.label, "why": why} for path, why in sessions.failed.items()],
        "results": results,
    }


def run_part(name: str, catalogue: Catalogue, options: argparse.Namespace) -> None:
    """Measures a part that has no file yet."""
    file = options.output / f"{name}.json"
    if file.exists() and not options.again:
        say(f"=== {name}: {file} is there (--again measures anew)")
        return
    say(f"=== {name}: {PARTS[name].__doc__.strip()}")
    begin = time.monotonic()
    made = measure(name, catalogue, options)
    made["seconds"] = round(time.monotonic() - begin, 1)
    report.save(made, file)
    say(report.table(made))
    say(f"  {made['seconds']:.0f} s, {file}")


def run_parts(catalogue: Catalogue, options: argparse.Namespace) -> list[str]:
    """Measures one part after the other; those that could not be measured."""
    missing = []
    for name in options.parts:
        try:
            run_part(name, catalogue, options)
        except Unavailable as error:
            say(f"  {name} was not measured: {error}")
            missing.append(name)
    return missing


def main() -> int:
    options = options_of(sys.argv[1:])
    if options.list:
        for name, part in PARTS.items():
            say(f"{name:10} {part.SECONDS:4} s  {' '.join(part.__doc__.split())}")
        return 0
    catalogue = Catalogue(Places(options.peers))
    if options.prepare:
        prepare(catalogue, options)
        return 0
    options.output.mkdir(parents=True, exist_ok=True)
    missing = run_parts(catalogue, options)
    reports = report.load_all(options.output)
    say("=== aims\n" + report.aims_table(report.verdicts(reports)))
    drawn = options.chart or options.output / "speed.svg"
    drawn.write_text(chart.draw(reports))
    say(f"=== chart: {drawn}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
