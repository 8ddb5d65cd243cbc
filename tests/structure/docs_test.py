"""What the documents name is there: files, make targets, error ids."""

import os
import re
import unittest

import error_ids_test
import sources

FOLDERS = "include/eigenformer|src|tests|scripts|docs|bench|examples|models|cmake"
PATH = re.compile(rf"(?<![\w./<>{{-])((?:{FOLDERS})/[\w./-]*\w)(?![\w/]*[<*{{])")
ROOM_FILE = re.compile(r"(?<![\w./])((?:core|quant|format|kernels|ops|nn|arch|tokenize|generate|chat)/[\w/-]+\.hpp)")
COMMAND = re.compile(r"\bmake ([a-z]+)\b")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def code_of(text):
    """The parts of a document in which words are literal: `code` and indented blocks."""
    return "\n".join(code or block for code, block in re.findall(r"`([^`\n]+)`|^(?: {4}|\t)(.*)$", text, re.M))


def dead_paths(exists):
    def check(path, text):
        base = path.rsplit("/", 1)[0] + "/" if "/" in path else ""
        found = []
        is_code = False  # between fences, where [this](that) is no link
        for number, line in enumerate(text.splitlines(), 1):
            is_code ^= line.startswith("```")
            names = [name.removesuffix(".") for name in PATH.findall(line)]
            names += ["include/eigenformer/" + name for name in ROOM_FILE.findall(line)]
            names += [os.path.normpath(base + name) for name in LINK.findall(line) if not is_code]
            found += [f"{number}: {name} is not there" for name in names if not exists(name)]
        return found

    return check


def dead_targets(targets):
    def check(_, text):
        return [f"1: there is no make {name}" for name in COMMAND.findall(code_of(text)) if name not in targets]

    return check


def dead_ids(known):
    def check(_, text):
        return [
            f"1: the error id {name} is in no table"
            for name in re.findall(rf"`({error_ids_test.ID.pattern})`", text)
            if name not in known and not error_ids_test.NOT_AN_ID.fullmatch(name)
        ]

    return check


def exists(name):
    return (sources.ROOT / name).exists()


def documents():
    return [path for path in sources.texts() if path.endswith(".md")]


class TheTree(sources.Case):
    def test_files_that_documents_name_are_there(self):
        self.assertIn("docs/HACKING.md", documents())
        self.assert_none(sources.findings(dead_paths(exists), documents()))

    def test_the_reference_reads_the_documents_that_its_documents_link_to(self):
        listed = re.search(r"^INPUT .*?[^\\]$", sources.read("docs/Doxyfile"), re.M | re.S)[0]
        inputs = re.findall(r"docs/\w+\.md", listed)
        self.assertIn("docs/guide.md", inputs)
        linked = {f"docs/{name}" for path in inputs for name in re.findall(r"\]\((\w+\.md)", sources.read(path))}
        self.assertIn("docs/chat_templates.md", linked)
        self.assertEqual(linked - set(inputs), set())

    def test_make_targets_that_documents_name_are_there(self):
        targets = re.findall(r"^([a-z]+):", sources.read("Makefile"), re.M)
        self.assertIn("chat", targets)
        self.assert_none(sources.findings(dead_targets(targets), documents()))

    def test_error_ids_that_documents_name_are_listed(self):
        listed = [row[0] for path in error_ids_test.documents() for row in error_ids_test.rows(sources.read(path))]
        self.assert_none(sources.findings(dead_ids(listed), documents()))


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for, and passes what only looks like it."""

    def test_dead_paths(self):
        there = {"tests/arch/a_test.cpp", "include/eigenformer/nn/rows.hpp", "docs/models.md", "docs/", "tests/"}
        check = dead_paths(there.__contains__)
        good = (
            "tests/arch/a_test.cpp, (nn/rows.hpp). tests/<room>/x.cpp, src/<room>.cpp [a](models.md) [b](https://x.org)"
        )
        good += "\n```cpp\n[this](int x) {}\n```\n"
        self.assertEqual(check("docs/HACKING.md", good), [])
        bad = "tests/arch/b_test.cpp\nnn/row.hpp\n[a](model.md)\n"
        self.assertEqual(len(check("docs/HACKING.md", bad)), 3)

    def test_dead_targets(self):
        text = "`make chat`, and make it so:\n\n    make everything\n"
        self.assertEqual(len(dead_targets(["chat"])("", text)), 1)

    def test_dead_ids(self):
        self.assertEqual(dead_ids(["usage.a"])("", "`usage.a`, `config.json`"), [])
        self.assertEqual(len(dead_ids(["usage.a"])("", "`usage.b`")), 1)


if __name__ == "__main__":
    unittest.main()
