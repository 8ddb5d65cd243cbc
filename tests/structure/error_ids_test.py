"""Every error id of the library stands in docs/errors.md, and every one that stands there exists."""

import re
import unittest

import sources

KINDS = "format config weight shape tokenizer chat usage numeric system cancelled".split()
ID = re.compile(rf"(?:{'|'.join(KINDS)})\.[a-z0-9_]+")
# What looks like an id and is a file's name or a key.
NOT_AN_ID = re.compile(r".*\.(?:json|jinja|model|txt|hpp|ggml|chat_template)")
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


def ids(text):
    """(line, id) of each id in a C++ text."""
    return [
        (line, literal)
        for line, literal in sources.strings(text)
        if ID.fullmatch(literal) and not NOT_AN_ID.fullmatch(literal)
    ]


def thrown_under_another_kind(_, text):
    """Ids that do not begin with the word of the class that is thrown."""
    thrown = re.compile(r'\b(\w+)Error\s*\(\s*\{\s*\.id = "(\w+)\.(\w+)"')
    reported = re.compile(r'\bErrorKind::(\w+),\s*(?:\.id = )?"(\w+)\.(\w+)"')
    found = [*thrown.finditer(text), *reported.finditer(text)]
    return [
        f'{text.count(chr(10), 0, match.start()) + 1}: "{match[2]}.{match[3]}" is thrown as {match[1]}'
        for match in found
        if match[1].lower() != match[2] and match[1] != "T"
    ]


def badly_named(_, text):
    """What is given as an id and is not of the form kind.what_in_snake_case."""
    given = re.compile(r'\.id = "([^"]*)"')
    return [
        f'{text.count(chr(10), 0, match.start()) + 1}: "{match[1]}" is no id'
        for match in given.finditer(text)
        if not ID.fullmatch(match[1])
    ]


def documents():
    return [path for path in sources.texts() if path == "docs/errors.md" or path.startswith("docs/errors/")]


def rows(text):
    return [(found[1], found[2].strip(), found[3].strip()) for found in ROW.finditer(text)]


def differences(used, listed):
    """`used` maps ids to a place in the code, `listed` is a list of ids."""
    found = [f"{place}: {id} is not in docs/errors.md" for id, place in sorted(used.items()) if id not in listed]
    found += [f"docs/errors.md: {id} is thrown nowhere" for id in sorted(set(listed) - set(used))]
    found += [
        f"docs/errors.md: {id} stands there twice" for id in sorted({id for id in listed if listed.count(id) > 1})
    ]
    return found


class TheTree(sources.Case):
    def test_ids_and_their_list_agree(self):
        code = sources.headers() + sources.below("src", ".cpp", ".hpp")
        used = {id: f"{path}:{line}" for path in code for line, id in ids(sources.read(path))}
        self.assertGreater(len(used), 50)
        listed = [row[0] for path in documents() for row in rows(sources.read(path))]
        self.assert_none(differences(used, listed))

    def test_an_id_begins_with_its_kind(self):
        code = sources.headers() + sources.below("src", ".cpp", ".hpp")
        self.assert_none(sources.findings(thrown_under_another_kind, code))
        self.assert_none(sources.findings(badly_named, code))

    def test_every_row_says_when_and_what_to_do(self):
        empty = [row[0] for path in documents() for row in rows(sources.read(path)) if not (row[1] and row[2])]
        self.assert_none(empty)
        odd = [
            f"{path}: {line}"
            for path in documents()
            for line in sources.read(path).splitlines()
            if line.startswith("| `") and not ROW.fullmatch(line)
        ]
        self.assert_none(odd)


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for."""

    def test_ids(self):
        text = 'f("format.magic", "config.json", "tokenizer.ggml.model", "no format.magic"); // "usage.isa"\n'
        self.assertEqual(ids(text), [(1, "format.magic")])

    def test_kinds(self):
        good = 'throw FormatError({.id = "format.magic"}); return {ErrorKind::system, "system.memory"};'
        bad = 'throw FormatError({.id = "shape.magic"}); return {ErrorKind::system, "usage.memory"};'
        self.assertEqual(thrown_under_another_kind("", good), [])
        self.assertEqual(len(thrown_under_another_kind("", bad)), 2)
        self.assertEqual(
            len(badly_named("", 'f({.id = "format.Magic"}); f({.id = "magic"}); f({.id = "format.a"});')), 2
        )

    def test_rows_and_differences(self):
        listed = rows("| id | when | what to do |\n|---|---|---|\n| `format.a` | x | y |\n| `format.b` | x | y |\n")
        self.assertEqual(listed, [("format.a", "x", "y"), ("format.b", "x", "y")])
        self.assertEqual(differences({"format.a": "p:1"}, ["format.a"]), [])
        self.assertEqual(
            len(differences({"format.a": "p:1", "format.c": "p:2"}, ["format.a", "format.b", "format.b"])), 3
        )


if __name__ == "__main__":
    unittest.main()
