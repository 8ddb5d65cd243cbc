"""Sizes of files and functions, columns, macros, and what must not be left lying in the code."""

import re
import statistics
import unittest

import sources

FILE_LINES = 800
FILE_LINES_MEDIAN = 120
FUNCTION_LINES = 100
FUNCTION_LINES_MEDIAN = 10
FUNCTION_LINES_90_OF_100 = 35
COLUMNS = 120
CODE = (".hpp", ".cpp", ".h", ".c", ".py", ".cmake", ".sh", "CMakeLists.txt")


def code_files():
    return [path for path in sources.texts() if path.endswith(CODE) or sources.read(path).startswith("#!")]


def lines_of(text):
    return text.count("\n")


# ---- functions -------------------------------------------------------------------------------------------------------

NOT_A_FUNCTION = re.compile(r"^(?:\[\[.*?\]\]\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b")


def opens(head):
    """What a brace opens, by the text between it and the statement before: "scope", "function" or "value"."""
    head = re.sub(r"\b(?:public|private|protected)\s*:|\bEIGENFORMER_TARGET_\w+\([^)]*\)", "", head).strip()
    while head.startswith("template"):
        depth, end = 0, len(head)
        for place, character in enumerate(head):
            depth += {"<": 1, ">": -1}.get(character, 0)
            if character == ">" and depth == 0:
                end = place + 1
                break
        head = head[end:].strip()
    if NOT_A_FUNCTION.match(head):
        return "scope"
    if re.search(r"(?:=|\breturn|[,(])$", head):
        return "value"
    return "function" if "(" in head or head.startswith(",") or not head else "value"


def functions(text):
    """(line, count of lines) of each function that is no part of another."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda found: sources.blank(found[0]), sources.bare(text), flags=re.M)
    found, stack, begin = [], [], 0
    for place in re.finditer(r"[{};]", code):
        inside = any(kind != "scope" for kind, _ in stack)
        if place[0] == "{":
            head = code[begin : place.start()]
            first = begin + len(head) - len(head.lstrip())
            stack.append(("value" if inside else opens(head), code.count("\n", 0, first) + 1))
        elif place[0] == "}" and stack:
            kind, line = stack.pop()
            last = code.count("\n", 0, place.start()) + 1
            if kind == "function" and not any(kind != "scope" for kind, _ in stack):
                found.append((line, last - line + 1))
        if not any(kind != "scope" for kind, _ in stack):
            begin = place.end()
    return found


def long_functions(_, text):
    return [f"{line}: a function of {count} lines" for line, count in functions(text) if count > FUNCTION_LINES]


# ---- lines -----------------------------------------------------------------------------------------------------------


def long_lines(path, text):
    """Longer than the columns of .clang-format. What cannot be broken may be: an address, a long string. Recipes and
    data of tests are left out."""
    unbroken = r"https?://\S{40,}|\"(?:[^\"\\]|\\.){60,}\"|R\"\(.{60,}\)\""
    if path.startswith("tests/") and path.endswith(".py") and not path.endswith("_test.py"):
        return []
    return [
        f"{number}: {len(line)} columns"
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > COLUMNS and not re.search(unbroken, line)
    ]


def long_files(_, text):
    return [f"1: {lines_of(text)} lines"] if lines_of(text) > FILE_LINES else []


MACRO_FILES = (
    "include/eigenformer/core/config.hpp",
    "include/eigenformer/kernels/target.hpp",
    "include/eigenformer/c_api.h",
)
ASKED_FOR_BY_OTHERS = {"PCRE2_CODE_UNIT_WIDTH", "WIN32_LEAN_AND_MEAN", "NOMINMAX"}  # pcre2.h, windows.h


def macros(path, text):
    """Macros are three files' business, and begin with EIGENFORMER_."""
    found = []
    for define in re.finditer(r"^[ \t]*#[ \t]*(?:define|undef)[ \t]+(\w+)", sources.without_comments(text), re.M):
        line = text.count("\n", 0, define.start()) + 1
        if define[1] in ASKED_FOR_BY_OTHERS:
            continue
        if path not in MACRO_FILES or not define[1].startswith("EIGENFORMER_"):
            found.append(f"{line}: the macro {define[1]}")
    return found


def hidden_names(_, text):
    """Headers have no anonymous namespaces and no static functions (a copy in each translation unit), and open no
    namespace to whoever includes them."""
    pattern = r"^namespace\s*\{|^(?:inline )?static [\w:<>,*& ]+\w+\([^;{]*[;{]|^using namespace\b"
    return sources.matches(pattern, sources.bare(text), "not in a header: {}")


def nested_values_without_type(_, text):
    """A member that is an aggregate itself is written with its type, `.a = T{.b = ...}`. With `.a = {.b = ...}` g++ 12
    destroys what is in it twice where a later member's initializer throws."""
    return sources.matches(r"(?:^|[{,(])\s*\.\w+ = \{\s*\.", text, "without its type: {}")


# ---- what is left lying ----------------------------------------------------------------------------------------------

LATER = r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b"
SILENCED = re.compile(r"NOLINT(?:NEXTLINE|BEGIN)?(?!END)(?:\([\w.,\s*-]+\))?(.*)")
STATEMENT = re.compile(
    r"""^//\ ?(?:
        (?:return|throw|delete|goto)\b.*;
      | (?:break|continue);
      | (?:if|for|while|switch)\ ?\(.*\)\ *\{?
      | \}?\ *else\b.*\{
      | \#\ *(?:include|define|if|endif|pragma)\b.*
      | (?:const|auto|static|inline|constexpr|std::|int|float|double|bool|char|unsigned)\b[\w:<>,*&\ ]*[=(].*;
      | [\w.:>\[\]-]+\ ?(?:=|\+=|-=|\*=)\ ?[^=].*;
      | [\w.:>-]+\(.*\);
      | \};?
    )$""",
    re.VERBOSE,
)


def left_for_later(_, text):
    return sources.matches(LATER, text, "{}")


def silenced_without_reason(_, text):
    return [
        f"{line}: {comment.strip()} gives no reason"
        for line, comment in sources.comments(text)
        for found in [SILENCED.search(comment)]
        if found and len(found[1].strip(" :-/")) < 10
    ]


def commented_out(_, text):
    """Comments that are statements. Documentation (///) and indented examples may show code."""
    found = [f"{line}: {comment}" for line, comment in sources.comments(text) if STATEMENT.match(comment.strip())]
    return found + sources.matches(r"^\s*#\s*if\s+(?:0|false)\b", text, "{}")


class TheTree(sources.Case):
    def test_files_are_short(self):
        self.assert_none(sources.findings(long_files, code_files()))
        lines = [lines_of(sources.read(path)) for path in sources.library()]
        self.assertLessEqual(statistics.median(lines), FILE_LINES_MEDIAN)

    def test_functions_are_short(self):
        self.assert_none(sources.findings(long_functions, sources.cpp()))
        lengths = sorted(count for path in sources.library() for _, count in functions(sources.read(path)))
        self.assertGreater(len(lengths), 300)
        self.assertLessEqual(statistics.median(lengths), FUNCTION_LINES_MEDIAN)
        self.assertLessEqual(lengths[len(lengths) * 9 // 10], FUNCTION_LINES_90_OF_100)

    def test_lines_fit_the_columns(self):
        self.assert_none(sources.findings(long_lines, code_files()))

    def test_macros_stand_in_three_files(self):
        self.assert_none(sources.findings(macros, sources.library() + sources.c_api()))

    def test_headers_hide_nothing(self):
        self.assert_none(sources.findings(hidden_names, sources.headers()))

    def test_nested_values_have_their_types(self):
        paths = [path for path in sources.cpp() if path.startswith(("include/", "src/", "examples/"))]
        self.assert_none(sources.findings(nested_values_without_type, paths))

    def test_nothing_is_left_for_later(self):
        self.assert_none(sources.findings(left_for_later, code_files()))

    def test_silenced_warnings_give_a_reason(self):
        self.assert_none(sources.findings(silenced_without_reason, sources.cpp()))

    def test_no_code_is_commented_out(self):
        self.assert_none(sources.findings(commented_out, sources.cpp()))


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for, and passes what only looks like it."""

    def test_functions(self):
        text = """
namespace a::inline b {
template <class T, class U = std::vector<T>>
class C : public D<T> {
 public:
  C() = default;
  C(int x)
      : y_{x},
        z_(x) {
    f();
  }
  int y() const { return y_; }
 private:
  int y_{0};
};
EIGENFORMER_TARGET_BEGIN("avx2")
namespace c {
void f();
}  // namespace c
inline constexpr int k_table[] = {
    1,
    2,
};
EIGENFORMER_INLINE std::vector<int> C::many(int x) const noexcept {
  const auto g = [&] {
    return "}" + x;
  };
  if (x) {
    g();
  }
  return {1, 2};
}
}  // namespace a
"""
        self.assertEqual([count for _, count in functions(text)], [2, 4, 1, 9])
        self.assertEqual(functions(text)[-1][0], 24)
        long = "void f() {\n" + "  g();\n" * 99 + "}\n"
        self.assertEqual(long_functions("", long), ["1: a function of 101 lines"])

    def test_long_lines_and_files(self):
        self.assertEqual(len(long_lines("", "a" * 121 + "\n" + "a" * 120)), 1)
        self.assertEqual(long_lines("", "// https://x.org/" + "a" * 121), [])
        self.assertEqual(len(long_files("", "\n" * 801)), 1)

    def test_macros(self):
        self.assertEqual(len(macros("include/eigenformer/nn/x.hpp", "#define EIGENFORMER_X 1\n")), 1)
        self.assertEqual(len(macros(MACRO_FILES[0], "# define MAX(a) a\n#define EIGENFORMER_X 1\n")), 1)

    def test_hidden_names(self):
        bad = "namespace {\nstatic int f(int a) {\nusing namespace std;\nnamespace a {\nclass A {\n  static int b();\n"
        self.assertEqual(len(hidden_names("", bad)), 3)

    def test_nested_values_without_type(self):
        bad = "  return {.a = {.b = f(),\n          .c = {\n.d = 1}, .e = {1, {2}}};\nx.a = {.b = 1};\n{.a = T{.b = 1}};\n"
        self.assertEqual(len(nested_values_without_type("", bad)), 2)

    def test_left_for_later(self):
        later = "// TO" + "DO: more\n// FIX" + "ME\n// hacking\n"
        self.assertEqual(len(left_for_later("", later)), 2)

    def test_silenced_without_reason(self):
        bad = "int a;  // NOLINT\nint b;  // NOLINT(bugprone-x)\n"
        good = "int c;  // NOLINT(bugprone-x): the table is indexed by it\n// NOLINTEND(bugprone-x)\n"
        self.assertEqual(len(silenced_without_reason("", bad)), 2)
        self.assertEqual(silenced_without_reason("", good), [])

    def test_commented_out(self):
        bad = "//return x;\n// x = y + 1;\n// if (a) {\n// f(x);\n// const int a = 1;\n// #include <map>\n#if 0\n// }\n"
        self.assertEqual(len(commented_out("", bad)), 8)
        good = "// Returns x; then y is x = 1.\n/// x = f(y);\n//   x = f(y);\n// for all, y (see f);\n// -1: none\n"
        self.assertEqual(commented_out("", good), [])


if __name__ == "__main__":
    unittest.main()
