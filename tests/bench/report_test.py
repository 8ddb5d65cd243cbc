"""Medians, ratios, aims and the chart of bench/compare.py."""

import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as xml

import bench_package  # noqa: F401
from comparison import chart, report
from comparison.aims import AIMS, Aim, everybody
from comparison.models.random_llama import SHAPES, VOCABULARY
from comparison.rounds import Case
from comparison.work import EnginePath
from comparison.workloads import PARTS

PATHS = [EnginePath(engine, "m", "int4", lambda threads: None) for engine in ("eigenformer", "fast & <b>", "slow")]


def results(case="decode", point="64 tokens"):
    speeds = {"eigenformer int4": [10, 30, 20], "fast & <b> int4": [5, 10, 10], "slow int4": [1, 2, 1]}
    return report.results_of(Case(case, {point: {}}, PATHS, 3), {point: speeds})


def report_of(found):
    machine = {"processor": "Some Processor"}
    return {"results": found, "unavailable": [{"path": "x int8", "why": "not there"}], "machine": machine,
            "threads": 2, "date": "2026-11-27 20:00:00",
            "weight_bytes": 97_000_000, "limits": {"read_gb_s": 2.0}}  # fmt: skip


class Ratios(unittest.TestCase):
    def test_the_ratio_is_the_median_of_the_rounds(self):
        paths = results()[0]["paths"]
        self.assertEqual([path["median"] for path in paths], [20, 10, 1])
        self.assertEqual([path["ratio"] for path in paths], [1, 2, 15])  # of 2, 3, 2 and 10, 15, 20

    def test_without_common_rounds_there_is_no_ratio(self):
        self.assertIsNone(report.median_ratio([], [1]))

    def test_what_was_not_measured_is_left_out(self):
        found = report.results_of(Case("c", {}, PATHS, 1), {"p": {"eigenformer int4": [1]}})
        self.assertEqual([path["engine"] for path in found[0]["paths"]], ["eigenformer"])


class Aims(unittest.TestCase):
    def test_the_smallest_ratio_counts(self):
        verdict = report.judge(Aim("a", "decode", 2.5, everybody), report_of(results()))
        self.assertEqual((verdict["ratio"], verdict["path"], verdict["reached"]), (2, "fast & <b> int4", False))
        verdict = report.judge(Aim("a", "decode", 2, everybody), report_of(results()))
        self.assertTrue(verdict["reached"])

    def test_what_reads_as_fast_as_the_machine_has_reached_its_aim(self):
        wanted = Aim("a", "decode", 3, everybody, or_share_of_reading=0.97)  # 20 tokens a second read 1.94 GB
        verdict = report.judge(wanted, report_of(results()))
        self.assertEqual((verdict["reached"], round(verdict["share"], 3)), (True, 0.97))
        more = Aim("a", "decode", 3, everybody, or_share_of_reading=0.98)
        self.assertFalse(report.judge(more, report_of(results()))["reached"])

    def test_other_points_and_paths_do_not_count(self):
        slow = Aim("a", "decode", 10, lambda path: path["engine"] == "slow")
        self.assertTrue(report.judge(slow, report_of(results()))["reached"])
        elsewhere = Aim("a", "decode", 1, everybody, points=("32",))
        self.assertIsNone(report.judge(elsewhere, report_of(results()))["reached"])

    def test_every_aim_is_about_a_part(self):
        self.assertEqual([aim.text for aim in AIMS if aim.part not in PARTS], [])

    def test_tables_name_what_is_missing(self):
        self.assertIn("not measured: x int8: not there", report.table(report_of(results())))
        lines = report.aims_table(report.verdicts({"decode": report_of(results())}))
        self.assertIn("2.00, wanted 2: reached (fast & <b> int4, 64 tokens; 97 % of what the machine reads)", lines)
        self.assertIn("not measured, wanted 3", lines)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            report.save(report_of(results()), pathlib.Path(folder) / "decode.json")
            self.assertEqual(report.load_all(pathlib.Path(folder)), {"decode": report_of(results())})


class Chart(unittest.TestCase):
    def reports(self):
        sequences = [result for count in ("1", "8", "32") for result in results("sequences", count)]
        sizes = [result for name in SHAPES for speed in ("prefill 64", "decode 16") for result in results(name, speed)]
        return {"decode": report_of(results()), "sequences": report_of(sequences), "size": report_of(sizes)}

    def test_it_is_xml_with_every_name(self):
        root = xml.fromstring(chart.draw(self.reports()))
        words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        for wanted in ("fast & <b> int4", "Decoding: sequences at once", "Decoding: millions of parameters"):
            self.assertIn(wanted, words)
        self.assertEqual(len(list(root.iter("{http://www.w3.org/2000/svg}rect"))), 1 + 3 + 3)

    def test_both_colour_schemes_have_every_colour(self):
        light, dark = chart.STYLE.split("@media")
        used = set(chart.COLOURS) | {"ground", "ink", "quiet", "line", "ours", "theirs"}
        self.assertEqual([name for name in used if f"--{name}:" not in light or f"--{name}:" not in dark], [])

    def test_bars_are_in_proportion(self):
        drawn, _ = chart.bar_panel(0, 0, "h", results()[0])
        widths = [float(rect.get("width")) for rect in xml.fromstring(f"<g>{drawn}</g>").iter("rect")]
        self.assertAlmostEqual(widths[0] / widths[1], 2, places=2)

    def test_nothing_measured(self):
        self.assertIn("nothing was measured", chart.draw({}))

    def test_names_are_kept_apart(self):
        moved = chart.spread_out([50, 51, 10, 99], gap=13, least=0, most=100)
        self.assertEqual(sorted(range(4), key=lambda index: moved[index]), [2, 0, 1, 3])
        ordered = sorted(moved)
        self.assertTrue(all(b - a >= 13 for a, b in zip(ordered, ordered[1:], strict=False)))
        self.assertLessEqual(max(moved), 100)

    def test_a_curve_is_the_engines_fastest_path(self):
        slower = dict(results()[0]["paths"][1], label="fast int8", median=3)
        result = results()[0] | {"paths": [*results()[0]["paths"], slower]}
        self.assertEqual(list(chart.curves_of([(1, result)])), ["eigenformer int4", "fast & <b> int4", "slow int4"])
        alone = result | {"paths": result["paths"][:1]}
        self.assertEqual(chart.curves_of([(1, result), (2, alone)])["slow int4"], [(1, 1)])

    def test_sizes_of_the_shapes(self):
        millions = [round(shape.parameters(VOCABULARY) / 1e6) for shape in SHAPES.values()]
        self.assertEqual(millions, [134, 362, 1074, 2970])


if __name__ == "__main__":
    unittest.main()
