"""Every filter, test, method, function and tag of the template interpreter stands in a template that the tests render."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTERPRETER = ROOT / "include/eigenformer/chat/template"
TEMPLATES = ROOT / "tests/chat/template/templates"

LOOP_ATTRIBUTES = """index index0 revindex revindex0 first last length previtem nextitem depth depth0""".split()


def table(file, name):
    """The names in a constexpr table, without the methods that are there to be refused."""
    text = (INTERPRETER / file).read_text(encoding="utf-8")
    body = re.search(name + r"\[\] = \{(.*?)\};", text, re.S).group(1)
    entries = re.findall(r'\{(?:Kind::\w+, )?"([^"]+)"((?:[^{}]|\{[^{}]*\})*)\}', body)
    return {entry for entry, rest in entries if "nullptr" not in rest}


def code_of_templates():
    """What stands inside the tags, one after another."""
    tags = []
    for path in sorted(TEMPLATES.glob("*.jinja")):
        source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        tags += re.findall(r"\{[{%](.*?)[}%]\}", source, re.S)
    return "\n".join(tags)


class TemplateConstructs(unittest.TestCase):
    def assert_used(self, names, pattern):
        code = code_of_templates()
        self.assertGreater(len(names), 3)
        missing = [name for name in sorted(names) if not re.search(pattern.format(re.escape(name)), code)]
        self.assertEqual(missing, [], "no template in tests/chat/template/templates uses these")

    def test_filters(self):
        files = ["text", "list", "select", "value"]
        tables = ["text", "list", "selecting", "value"]
        names = set().union(*(table(f"filters_{f}-inl.hpp", f"k_{t}_filters") for f, t in zip(files, tables)))
        self.assertGreater(len(names), 40)
        self.assert_used(names, r"(\|\s*|map\('|filter ){0}\b")

    def test_tests(self):
        self.assert_used(
            table("tests-inl.hpp", "k_tests"), r"(\bis (not )?{0}(?!\w)|(select|reject)(attr)?\([^)]*'{0}')"
        )

    def test_methods(self):
        self.assert_used(table("methods_text-inl.hpp", "k_text_methods"), r"\.{0}\(")
        self.assert_used(table("methods_container-inl.hpp", "k_container_methods"), r"\.{0}\(")

    def test_functions(self):
        self.assert_used(table("functions-inl.hpp", "k_functions"), r"(?<![.\w]){0}\b")

    def test_tags(self):
        self.assert_used(table("parser-inl.hpp", "k_tags"), r"(^|\n)[-+]?\s*{0}\b")
        self.assert_used(["elif", "else", "endraw", "endset"], r"(^|\n)[-+]?\s*{0}\b")

    def test_loop_attributes(self):
        self.assert_used(LOOP_ATTRIBUTES, r"loop\.{0}\b")


if __name__ == "__main__":
    unittest.main()
