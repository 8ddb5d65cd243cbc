"""The repository's files, and C++ text as the checks of this folder want it."""

import collections
import functools
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOT_OURS = {".git", "build", "__pycache__"}

LITERAL_OR_COMMENT = re.compile(
    r"""
      (?P<line>//[^\n]*)
    | (?P<block>/\*.*?\*/)
    | (?P<raw>(?<![A-Za-z0-9_])(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<character>(?<![A-Za-z0-9_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)


def blank(text):
    """Spaces in place of the text, so that what follows keeps its line and column."""
    return re.sub(r"[^\n]", " ", text)


@functools.cache
def without_comments(text):
    """C++ text whose comments are blanked; strings stay."""

    def replace(found):
        return blank(found[0]) if found["line"] or found["block"] else found[0]

    return LITERAL_OR_COMMENT.sub(replace, text)


@functools.cache
def bare(text):
    """C++ text whose comments are blanked and whose strings and characters are empty. Names of includes stay."""

    def replace(found):
        if found["line"] or found["block"]:
            return blank(found[0])
        start = text.rfind("\n", 0, found.start()) + 1
        if re.match(r"[ \t]*#[ \t]*include", text[start : found.start()]):
            return found[0]
        return found[0][0] + blank(found[0][1:-1]) + found[0][-1]

    return LITERAL_OR_COMMENT.sub(replace, text)


def comments(text):
    """(line, comment) for each comment of a C++ text."""
    for found in LITERAL_OR_COMMENT.finditer(text):
        if found["line"] or found["block"]:
            yield text.count("\n", 0, found.start()) + 1, found[0]


def strings(text):
    """(line, content) for each string of a C++ text."""
    for found in LITERAL_OR_COMMENT.finditer(text):
        if found["string"]:
            yield text.count("\n", 0, found.start()) + 1, found["string"][1:-1]


def matches(pattern, text, message):
    """'line: message' for each match; `{}` in the message becomes what was found."""
    return [
        f"{text.count(chr(10), 0, found.start()) + 1}: {message.format(found[0].strip())}"
        for found in re.finditer(pattern, text, 0 if isinstance(pattern, re.Pattern) else re.MULTILINE)
    ]


Include = collections.namedtuple("Include", "line name header_only")


@functools.cache
def includes(text):
    """Each #include: its line, its name, and whether it stands under #if defined(EIGENFORMER_HEADER_ONLY)."""
    found, conditions = [], []
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        directive = re.match(r"\s*#\s*(if|ifdef|ifndef|elif|else|endif|include)\b\s*(.*)", line)
        if not directive:
            continue
        word, rest = directive.groups()
        if word.startswith("if"):
            conditions.append(bool(re.search(r"(?<!!)defined\(EIGENFORMER_HEADER_ONLY\)", rest)))
        elif word == "endif":
            conditions.pop()
        elif word in ("elif", "else"):
            conditions[-1] = False
        elif name := re.match(r'["<]([^">]+)[">]', rest):
            found.append(Include(number, name[1], any(conditions)))
    return found


@functools.cache
def files():
    """Paths of the repository's own files, relative to its root: what git tracks or would track; without git, all."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    if not names:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    paths = [pathlib.PurePosixPath(name) for name in names]
    return sorted(path for path in paths if not NOT_OURS & set(path.parts) and (ROOT / path).is_file())


@functools.cache
def texts():
    """The repository's files that are text."""
    return [str(path) for path in files() if b"\0" not in (ROOT / path).read_bytes()[:8192]]


@functools.cache
def read(path):
    """The text of a file; nothing where there is none (headers_test.py says so)."""
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def below(folder, *endings):
    """The repository's files below a folder whose names end so."""
    return [str(path) for path in files() if str(path).startswith(folder + "/") and path.name.endswith(endings)]


@functools.cache
def headers():
    return below("include", ".hpp")


def library():
    """What users compile: the headers, and the sources of the compiled build."""
    return headers() + [path for path in below("src", ".cpp") if path.count("/") == 1]


def c_api():
    """The C API: its header, and the files of its own library."""
    return ["include/eigenformer/c_api.h", *below("src/c_api", ".hpp", ".cpp")]


def cpp():
    """Every C++ and C file of ours."""
    return [path for path in map(str, files()) if path.endswith((".hpp", ".cpp", ".h", ".c"))]


def findings(check, paths):
    """What `check(path, text)` says about each file, as 'path:line: message'."""
    return [f"{path}:{finding}" for path in paths for finding in check(path, read(path))]


class Case(unittest.TestCase):
    def assert_none(self, found):
        """Fails with the findings one below the other."""
        if found:
            self.fail("\n" + "\n".join(found))
