"""The picture of a report, as SVG: bars for what one number says, lines for what grows. Readable on light and on dark."""

import math
from html import escape

from .models.random_llama import SHAPES, VOCABULARY
from .report import significant

WIDTH, COLUMN, MARGIN = 960, 440, 24
ROW = 19  # of a bar
LABELS = 172  # room for the labels of the bars
OURS = "eigenformer"

STYLE = """
  svg { --ground: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #d1d9e0; --ours: #0969da; --theirs: #afb8c1;
        --a: #bc4c00; --b: #1a7f37; --c: #8250df; --d: #bf3989; --e: #7d4e00; --f: #57606a; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #f0f6fc; --quiet: #9198a1; --line: #3d444d; --ours: #4493f8; --theirs: #59636e;
          --a: #f0883e; --b: #3fb950; --c: #ab7df8; --d: #f778ba; --e: #d29922; --f: #9198a1; }
  }
  text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
  .title { font-size: 18px; font-weight: 600; }
  .head { font-size: 13px; font-weight: 600; }
  .quiet { fill: var(--quiet); font-size: 11px; }
  .grid { stroke: var(--line); stroke-width: 1; fill: none; }
  .curve { fill: none; stroke-width: 1.6; }
  .first { stroke-width: 3; }
"""
COLOURS = ["a", "b", "c", "d", "e", "f"]

# Which results are drawn as bars: part, case (None: any), point, heading.
BARS = [
    ("decode", None, "64 tokens", "Decoding, one sequence"),
    ("prefill", None, "512 tokens", "Reading a prompt of 512 tokens"),
    ("sequences", None, "32", "Decoding, 32 sequences"),
    ("embed", "f32", "32 x 128", "Embedding 32 x 128 tokens, f32"),
    ("embed", "int8", "32 x 128", "Embedding 32 x 128 tokens, int8"),
    ("lengths", None, "one padded batch", "64 texts of 4 to 256 tokens, one batch"),
    ("translate", None, "greedy, 16", "Translating 16 sentences, greedy"),
    ("translate", None, "4 beams, 16", "Translating 16 sentences, 4 beams"),
]


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named} text-anchor="{anchor}">{escape(words)}</text>'


# ---- bars ------------------------------------------------------------------------------------------------------------


def bar_panel(left: float, top: float, heading: str, result: dict) -> tuple[str, float]:
    """Bars of one result, and where they end. Eigenformer first, then the others, fastest first."""
    ours, *others = result["paths"]
    paths = [ours, *sorted(others, key=lambda path: -path["median"])]
    longest = max(path["median"] for path in paths)
    room = COLUMN - LABELS - 60
    parts = [text(left, top + 12, heading, "head"), text(left + COLUMN, top + 12, result["unit"], "quiet", "end")]
    for row, path in enumerate(paths):
        y = top + 22 + row * ROW
        length = max(room * path["median"] / longest, 1)
        fill = "--ours" if path is ours else "--theirs"
        parts.append(text(left + LABELS - 8, y + 12, path["label"], "", "end"))
        parts.append(f'<rect x="{left + LABELS}" y="{y}" width="{length:.1f}" height="{ROW - 5}" rx="2" '
                     f'fill="var({fill})"/>')  # fmt: skip
        parts.append(text(left + LABELS + length + 6, y + 12, significant(path["median"]), "quiet"))
    return "\n".join(parts), top + 22 + len(paths) * ROW


def wanted(reports: dict[str, dict], part: str, case: str | None, point: str) -> dict | None:
    for result in reports.get(part, {"results": []})["results"]:
        if case in (None, result["case"]) and result["point"] == point and result["paths"]:
            return result
    return None


# ---- lines -----------------------------------------------------------------------------------------------------------

Curves = dict[str, list[tuple[float, float]]]  # by label; Eigenformer's first

PLOT_HEIGHT, PLOT_LABELS = 190, 152


def curves_of(results: list[tuple[float, dict]]) -> Curves:
    """The medians over the points, of the path of each engine that is fastest at the last of its points."""
    fastest: dict[str, dict] = {}
    for _, result in reversed(results):
        for path in sorted(result["paths"], key=lambda each: -each["median"]):
            fastest.setdefault(path["engine"], path)
    curves: Curves = {path["label"]: [] for path in fastest.values()}
    for at, result in results:
        for path in result["paths"]:
            if path["label"] in curves:
                curves[path["label"]].append((at, path["median"]))
    return curves


def points_of(reports: dict[str, dict], part: str, place, speed: str = "") -> list[tuple[float, dict]]:
    """Results of a part, or those of one speed, with their places on the axis."""
    results = reports.get(part, {"results": []})["results"]
    return [(float(place(result)), result) for result in results if speed in result["point"]]


def ladders(reports: dict[str, dict]) -> list[tuple[str, Curves, list[float]]]:
    """Heading, curves and the marks of the axis, for what has been measured."""

    def context(result: dict) -> str:
        return result["point"].split(",")[0]

    def millions(result: dict) -> float:
        return SHAPES[result["case"]].parameters(VOCABULARY) / 1e6

    found = [
        ("Decoding: sequences at once", points_of(reports, "sequences", lambda result: result["point"])),
        ("Reading a context of so many tokens", points_of(reports, "context", context, "prefill")),
        ("Decoding behind so many tokens", points_of(reports, "context", context, "decode")),
        ("Reading: millions of parameters", points_of(reports, "size", millions, "prefill")),
        ("Decoding: millions of parameters", points_of(reports, "size", millions, "decode")),
    ]
    return [(heading, curves_of(points), [at for at, _ in points]) for heading, points in found if points]


def spread_out(places: list[float], gap: float, least: float, most: float) -> list[float]:
    """Places as near as may be to the wanted ones, in the same order, `gap` apart, within the range if they fit."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, index in zip([None, *order], order, strict=False):
        floor = least if before is None else moved[before] + gap
        moved[index] = max(moved[index], floor)
    ceiling = most
    for index in reversed(order):
        moved[index] = min(moved[index], ceiling)
        ceiling = moved[index] - gap
    return moved


def decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within the range."""
    marks = [
        factor * 10.0**power
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for factor in (1, 2, 5)
    ]
    return [mark for mark in marks if low <= mark <= high]


def line_panel(left: float, top: float, heading: str, curves: Curves, marks: list[float]) -> tuple[str, float]:
    """Curves over logarithmic axes, each named at its end, and where the panel ends."""
    ys = [y for points in curves.values() for _, y in points]
    low, high = min(ys) / 1.25, max(ys) * 1.25
    x0, x1, y0, y1 = left + 40, left + COLUMN - PLOT_LABELS, top + 24 + PLOT_HEIGHT, top + 24

    def x_of(value: float) -> float:
        return x0 + (x1 - x0) * math.log(value / marks[0]) / (math.log(marks[-1] / marks[0]) or 1)

    def y_of(value: float) -> float:
        return y0 + (y1 - y0) * math.log(value / low) / math.log(high / low)

    parts = [text(left, top + 12, heading, "head"), text(left + COLUMN, top + 12, "tokens/s", "quiet", "end")]
    for mark in decades(low, high):
        parts.append(f'<path class="grid" d="M{x0:.1f} {y_of(mark):.1f}H{x1:.1f}"/>')
        parts.append(text(x0 - 6, y_of(mark) + 4, significant(mark), "quiet", "end"))
    parts += [text(x_of(mark), y0 + 16, f"{mark:.0f}", "quiet", "middle") for mark in marks]
    ends = spread_out([y_of(points[-1][1]) for points in curves.values()], 13, y1 + 4, y0)
    for number, ((label, points), end) in enumerate(zip(curves.items(), ends, strict=True)):
        is_ours = label.startswith(OURS)
        colour = "ours" if is_ours else COLOURS[(number - 1) % len(COLOURS)]
        drawn = "M" + "L".join(f"{x_of(x):.1f} {y_of(y):.1f}" for x, y in points)
        kind = "curve first" if is_ours else "curve"
        parts.append(f'<path class="{kind}" stroke="var(--{colour})" d="{drawn}"/>')
        name = text(x1 + 8, end + 4, label, "quiet")
        parts.append(name.replace('class="quiet"', f'class="quiet" style="fill:var(--{colour})"'))
    return "\n".join(parts), y0 + 24


# ---- the whole -------------------------------------------------------------------------------------------------------


def subtitle(reports: dict[str, dict]) -> str:
    """What was measured on."""
    first = next(iter(reports.values()), None)
    if first is None:
        return "nothing was measured"
    return f"{first['machine']['processor']}, {first['threads']} threads, {first['date'].split()[0]}; medians"


def draw(reports: dict[str, dict]) -> str:
    """Panels in two columns, each put where there is more room."""
    ends = [78.0, 78.0]
    panels = []

    def put(panel, *arguments) -> None:
        column = 0 if ends[0] <= ends[1] else 1
        left = MARGIN + column * (COLUMN + WIDTH - 2 * COLUMN - 2 * MARGIN)
        drawn, end = panel(left, ends[column], *arguments)
        panels.append(drawn)
        ends[column] = end + 22

    for part, case, point, heading in BARS:
        result = wanted(reports, part, case, point)
        if result:
            put(bar_panel, heading, result)
    for ladder in ladders(reports):
        put(line_panel, *ladder)
    height = max(ends)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="Speed of Eigenformer beside other engines">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="var(--ground)"/>',
        text(MARGIN, 34, "Eigenformer beside its peers", "title"),
        text(MARGIN, 54, subtitle(reports), "quiet"),
        *panels,
        "</svg>\n",
    ])  # fmt: skip
