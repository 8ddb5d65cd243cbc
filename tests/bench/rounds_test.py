"""The driver of bench/compare.py: sessions, rounds, options. No engine takes part."""

import argparse
import contextlib
import io
import json
import sys
import unittest
from unittest import mock

import bench_package  # noqa: F401
import compare
from comparison import rounds
from comparison.rounds import Case, Sessions, alternate
from comparison.work import EnginePath, ServedSession, Session, Unavailable, units

SERVER = """
import json, sys
for line in sys.stdin:
    work = json.loads(line)
    answer = {"error": "cannot"} if work["work"] == "prefill" else {"seconds": 0.5, "result": work["work"]}
    print(json.dumps(answer), flush=True)
"""


class MadeUp(Session):
    """Gives speed after speed, and writes down that it was asked."""

    def __init__(self, name, speeds, log):
        self.name, self.speeds, self.log, self.closed = name, list(speeds), log, False

    def measure(self, works):
        self.log.append(self.name)
        if not self.speeds:
            raise Unavailable("tired")
        speed = self.speeds.pop(0)
        return [{"decode": speed} for _ in works]

    def close(self):
        self.closed = True


def made_up(name, speeds, log):
    session = MadeUp(name, speeds, log)
    return EnginePath(name, "m", "f32", lambda threads: session)


def quietly(text):
    return None


class Rounds(unittest.TestCase):
    def setUp(self):
        pause = mock.patch.object(rounds, "REST_SECONDS", 0)
        pause.start()
        self.addCleanup(pause.stop)

    def test_everybody_begins_in_turn(self):
        log = []
        case = Case("c", {"p": {}}, [made_up("a", [1, 2], log), made_up("b", [3, 4], log)], rounds=2)
        measured = alternate(case, Sessions(2), quietly)
        self.assertEqual(log, ["a", "b", "b", "a"])
        self.assertEqual(measured, {"p": {"a f32": [1, 2], "b f32": [3, 4]}})

    def test_a_path_that_fails_takes_no_further_part(self):
        log = []
        paths = [made_up("a", [1, 1, 1], log), made_up("b", [2], log)]
        sessions = Sessions(2)
        measured = alternate(Case("c", {"p": {}}, paths, rounds=3), sessions, quietly)
        self.assertEqual(log.count("b"), 2)
        self.assertEqual(measured["p"], {"a f32": [1, 1, 1], "b f32": [2]})
        self.assertEqual(sessions.failed, {paths[1]: "tired"})

    def test_a_session_is_opened_once_for_equal_paths(self):
        opened = []

        def start(threads):
            opened.append(threads)
            return MadeUp("a", [1, 1], [])

        sessions = Sessions(2)
        for threads in (None, None, 1):
            sessions.of(EnginePath("a", "m", "f32", start, threads))
        self.assertEqual(opened, [2, 1])
        sessions.close()

    def test_works_with_two_speeds_are_two_points(self):
        self.assertEqual(rounds.named("128", {"prefill": 1, "decode": 2}), [("128, prefill", 1), ("128, decode", 2)])

    def test_fewer_rounds_for_a_quick_look(self):
        case = Case("c", {}, [], rounds=5)
        self.assertEqual([case.with_at_most(n).rounds for n in (None, 2, 9)], [5, 2, 5])


class Served(unittest.TestCase):
    def setUp(self):
        self.session = ServedSession([sys.executable, "-c", SERVER], 2)
        self.addCleanup(self.session.close)

    def test_speed_is_units_a_second(self):
        work = {"work": "decode", "sequences": 4, "new_tokens": 8}
        self.assertEqual(units(work), 32)
        self.assertEqual(self.session.measure([work]), [{"decode": 64}])
        self.assertEqual(self.session.result(work), "decode")

    def test_an_error_is_why_it_is_unavailable(self):
        with self.assertRaisesRegex(Unavailable, "cannot"):
            self.session.measure([{"work": "prefill", "tokens": 4}])

    def test_a_process_that_ends_says_why(self):
        ended = ServedSession([sys.executable, "-c", "raise SystemExit('no such model')"], 2)
        with self.assertRaisesRegex(Unavailable, "no such model"):
            ended.measure([{"work": "decode"}])
        ended.close()


class Options(unittest.TestCase):
    def test_parts_run_in_their_order(self):
        self.assertEqual(compare.part_names("embed,decode"), ["decode", "embed"])
        with self.assertRaisesRegex(argparse.ArgumentTypeError, "found sleep"):
            compare.part_names("decode,sleep")

    def test_list_needs_no_engine(self):
        with mock.patch.object(sys, "argv", ["compare.py", "--list"]), contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertEqual(compare.main(), 0)
        self.assertEqual(len(out.getvalue().splitlines()), len(compare.PARTS))
        self.assertTrue(all(part.SECONDS > 0 for part in compare.PARTS.values()))

    def test_all_parts_fit_into_a_quarter_of_an_hour(self):
        self.assertLessEqual(sum(part.SECONDS for part in compare.PARTS.values()), 15 * 60)


class MadeUpTexts(unittest.TestCase):
    def test_lengths_from_4_to_256(self):
        from comparison.workloads import mixed_lengths

        lengths = mixed_lengths.lengths()
        self.assertEqual((len(lengths), min(lengths), max(lengths)), (64, 4, 256))
        self.assertNotEqual(lengths, sorted(lengths))

    def test_no_end_token_within_a_source(self):
        from comparison.workloads import translate

        sources = translate.work(16, 1)["sources"]
        self.assertTrue(all(source.index(translate.END) == len(source) - 1 == 23 for source in sources))
        self.assertEqual(json.loads(json.dumps(sources)), sources)


if __name__ == "__main__":
    unittest.main()
