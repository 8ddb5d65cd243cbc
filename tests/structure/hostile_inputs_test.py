"""docs/hostile_inputs.md names a test for each kind of attack, and each of these tests is there."""

import re
import unittest

import sources

DOCUMENT = "docs/hostile_inputs.md"
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.M)
NAMED = re.compile(r"`(\w+\.\w+)`")


def rows(text):
    """(kind, tests) for each row of the table."""
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [(row[0], NAMED.findall(row[-1])) for row in cells if row[0] != "kind"]


def tests(text):
    return {f"{suite}.{name}" for suite, name in TEST.findall(text)}


def missing(text, known):
    found = [f"{kind}: no test" for kind, named in rows(text) if not named]
    return found + [f"{kind}: {name} is no test" for kind, named in rows(text) for name in named if name not in known]


class TheTree(sources.Case):
    def test_every_kind_has_tests_that_are_there(self):
        known = set().union(*(tests(sources.read(path)) for path in sources.below("tests", "_test.cpp")))
        self.assertGreater(len(rows(sources.read(DOCUMENT))), 25)
        self.assert_none(missing(sources.read(DOCUMENT), known))


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for."""

    def test_rows(self):
        known = tests("TEST_P(Files, AreRead) {}\nTEST(Pages, AreNone) {}\n")
        table = "| kind | what it meets | tests |\n|---|---|---|\n| a | an error | `Files.AreRead` |\n"
        self.assertEqual(missing(table, known), [])
        table += "| b | an error | `Files.AreWritten`, `Pages.AreNone` |\n| c | an error | none |\n"
        self.assertEqual(len(missing(table, known)), 2)


if __name__ == "__main__":
    unittest.main()
