"""Medians and ratios of what was measured, the aims, and how a reader sees them. A report is what its JSON file holds:

    part, about, date, threads, version, machine, packages    what was measured, on what
    limits       what the machine itself gave just before, by `eigenformer bench`
    checks       how well the engines agree
    unavailable  [{"path", "why"}]
    results      [{"case", "point", "unit", "paths": [{"label", "engine", "weights", "rounds", "median", "ratio"}]}]

The first path of a result is Eigenformer's; `ratio` is the median over the rounds of its speed divided by the path's.
"""

import json
import statistics
from pathlib import Path

from .aims import AIMS, Aim
from .rounds import Case


def median_ratio(ours: list[float], theirs: list[float]) -> float | None:
    """Over the rounds that both have."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=False)]
    return statistics.median(ratios) if ratios else None


def results_of(case: Case, measured: dict[str, dict[str, list[float]]]) -> list[dict]:
    """One result for each point, with the paths that were measured there."""
    results = []
    for point, by_label in measured.items():
        ours = by_label.get(case.paths[0].label, [])
        paths = [
            {
                "label": path.label,
                "engine": path.engine,
                "weights": path.weights,
                "rounds": by_label[path.label],
                "median": statistics.median(by_label[path.label]),
                "ratio": median_ratio(ours, by_label[path.label]),
            }
            for path in case.paths
            if path.label in by_label
        ]
        results.append({"case": case.name, "point": point, "unit": case.unit, "paths": paths})
    return results


# ---- aims ------------------------------------------------------------------------------------------------------------


def points_of(aim: Aim, report: dict) -> list[dict]:
    """The results that an aim is about."""
    return [
        result
        for result in report["results"]
        if aim.case in (None, result["case"]) and (not aim.points or result["point"] in aim.points)
    ]


def share_of_reading(report: dict) -> float:
    """How much of what the machine reads a second Eigenformer reads, if each token of the first result reads the
    default model once."""
    bytes_per_second = report["results"][0]["paths"][0]["median"] * report["weight_bytes"]
    return bytes_per_second / (report["limits"]["read_gb_s"] * 1e9)


def judge(aim: Aim, report: dict) -> dict:
    """The smallest ratio that counts, where it is, and whether it is enough; None where nothing was measured."""
    found = [
        (path["ratio"], result["point"], path["label"])
        for result in points_of(aim, report)
        for path in result["paths"][1:]
        if path["ratio"] is not None and aim.counts(path)
    ]
    verdict = {"aim": aim.text, "wanted": aim.factor, "ratio": None, "reached": None}
    if not found:
        return verdict
    ratio, point, label = min(found)
    verdict |= {"ratio": ratio, "reached": ratio >= aim.factor, "point": point, "path": label}
    if aim.or_share_of_reading is not None:
        share = share_of_reading(report)
        verdict |= {"share": share, "reached": verdict["reached"] or share >= aim.or_share_of_reading}
    return verdict


def verdicts(reports: dict[str, dict]) -> list[dict]:
    """Of all aims whose part was measured."""
    return [judge(aim, reports[aim.part]) for aim in AIMS if aim.part in reports]


# ---- text ------------------------------------------------------------------------------------------------------------


def significant(value: float) -> str:
    """Three digits that count, or all of a larger number's."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def table(report: dict) -> str:
    """The medians, in words for a terminal."""
    lines = []
    for result in report["results"]:
        lines.append(f"  {result['case']}: {result['point']}, {result['unit']}")
        for path in result["paths"]:
            ratio = "" if path is result["paths"][0] or path["ratio"] is None else f"  {path['ratio']:.2f}"
            spread = f"{significant(min(path['rounds']))} to {significant(max(path['rounds']))}"
            lines.append(f"    {path['label']:28}{significant(path['median']):>9}  {spread:>16}{ratio}")
    lines += [f"  not measured: {entry['path']}: {entry['why']}" for entry in report["unavailable"]]
    return "\n".join(lines)


def aims_table(judged: list[dict]) -> str:
    lines = []
    for verdict in judged:
        if verdict["ratio"] is None:
            lines.append(f"  {verdict['aim']:48} not measured, wanted {verdict['wanted']}")
            continue
        word = "reached" if verdict["reached"] else "NOT reached"
        where = f"{verdict['path']}, {verdict['point']}"
        if "share" in verdict:
            where += f"; {100 * verdict['share']:.0f} % of what the machine reads"
        lines.append(f"  {verdict['aim']:48} {verdict['ratio']:5.2f}, wanted {verdict['wanted']}: {word} ({where})")
    return "\n".join(lines)


# ---- files -----------------------------------------------------------------------------------------------------------


def save(report: dict, file: Path) -> None:
    """Complete or not at all."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(report, indent=1) + "\n")
    unfinished.rename(file)


def load_all(folder: Path) -> dict[str, dict]:
    """The reports of a folder, by part."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.json")) if file.stem != "aims"}
