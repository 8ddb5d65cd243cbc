"""What asks the operating system stands in one file each, as docs/HACKING.md lists them."""

import re
import unittest

import sources

PREFIX = "include/eigenformer/"

# Which file may include which headers of systems. All others stay with the standard library.
PLACES = {
    PREFIX + "core/decimal_point.hpp": ["locale.h", "xlocale.h"],
    PREFIX + "core/huge_pages.hpp": ["sys/mman.h"],
    PREFIX + "core/windows_calls.hpp": ["windows.h"],
    PREFIX + "core/word_wait.hpp": [],
    PREFIX + "format/file_posix-inl.hpp": ["fcntl.h", "sys/stat.h", "unistd.h"],
    PREFIX + "format/file_windows-inl.hpp": [],
    PREFIX + "kernels/arm_features.hpp": ["sys/auxv.h", "sys/sysctl.h"],
    PREFIX + "kernels/x86_features.hpp": ["sys/syscall.h", "unistd.h"],
    "src/cli/line_editor_libedit.cpp": ["langinfo.h", "termios.h", "unistd.h"],
    "src/cli/system_posix.cpp": ["poll.h", "unistd.h"],
    "src/cli/system_windows.cpp": ["fcntl.h", "io.h", "psapi.h", "shellapi.h"],
}
# Of C, of compilers and of other libraries.
OF_NO_SYSTEM = re.compile(r"(?:std\w+|\w*intrin|arm_neon|cpuid|pcre2|utf8proc|histedit)\.h")
# Functions of POSIX that headers of C++ may bring along.
CALLS = re.compile(r"(?<![\w.>:])(?:isatty|localtime_r|gmtime_r|setenv|unsetenv|sigaction|sysconf|mkfifo)\s*\(")
# Questions after the system; in c_api.h a .dll has marks of its own, tiles are Linux's.
QUESTIONS = re.compile(r"#\s*(?:el)?if\b.*\b(?:_WIN32|__linux__|__unix__|__APPLE__)\b")
MAY_ASK = [
    *PLACES,
    PREFIX + "c_api.h",
    PREFIX + "core/environment.hpp",
    PREFIX + "format/file-inl.hpp",
    PREFIX + "kernels/select-inl.hpp",
]


# Words that windows.h makes macros of: no name of the library's, for a host may include it before our headers.
WORDS_OF_WINDOWS = r"\b(?:near|far|small|hyper|interface|IN|OUT|ERROR|DELETE|TRUE|FALSE|CONST|VOID|OPTIONAL)\b"


def words_of_windows(path, text):
    return [] if path in PLACES else sources.matches(WORDS_OF_WINDOWS, sources.bare(text), "a macro of windows.h: {}")


def headers_elsewhere(path, text):
    return [
        f"{include.line}: {include.name} is for the files that operating_system_test.py names"
        for include in sources.includes(text)
        if include.name.endswith(".h")
        and not include.name.startswith("eigenformer/")
        and not OF_NO_SYSTEM.fullmatch(include.name)
        and include.name not in PLACES.get(path, [])
    ]


def calls_elsewhere(path, text):
    return [] if path in PLACES else sources.matches(CALLS.pattern, sources.bare(text), "asks the system: {}")


def questions_elsewhere(path, text):
    return [] if path in MAY_ASK else sources.matches(QUESTIONS.pattern, sources.without_comments(text), "{}")


class TheTree(sources.Case):
    def test_headers_of_systems_stay_where_they_belong(self):
        self.assert_none(sources.findings(headers_elsewhere, files()))

    def test_functions_of_systems_stay_where_they_belong(self):
        self.assert_none(sources.findings(calls_elsewhere, files()))

    def test_nobody_else_asks_which_system_it_is(self):
        self.assert_none(sources.findings(questions_elsewhere, files()))

    def test_no_name_is_a_macro_of_windows(self):
        self.assert_none(sources.findings(words_of_windows, sources.below("include", ".hpp", ".h")))


def files():
    return sources.below("include", ".hpp", ".h") + sources.below("src", ".cpp", ".hpp")


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for."""

    def test_headers(self):
        text = "#include <unistd.h>\n#include <vector>\n#include <immintrin.h>\n"
        self.assertEqual(len(headers_elsewhere("src/cli/chat.cpp", text)), 1)
        self.assertEqual(headers_elsewhere("src/cli/system_posix.cpp", text), [])

    def test_words_of_windows(self):
        text = 'float near = 0;  // far\nconst char* text = "far";\nfloat far_tail = near_end;\n'
        self.assertEqual(len(words_of_windows("include/eigenformer/nn/x.hpp", text)), 1)

    def test_calls(self):
        text = "if (isatty(0)) editor.isatty(0);  // isatty(0)\n"
        self.assertEqual(len(calls_elsewhere("src/cli/chat.cpp", text)), 1)
        self.assertEqual(calls_elsewhere("src/cli/system_posix.cpp", text), [])

    def test_questions(self):
        text = "#if defined(_WIN32)\n#elif defined(__x86_64__) && defined(__linux__)\n#endif\n#if defined(__AVX2__)\n"
        self.assertEqual(len(questions_elsewhere("src/cli/chat.cpp", text)), 2)
        self.assertEqual(questions_elsewhere(PREFIX + "core/environment.hpp", text), [])


if __name__ == "__main__":
    unittest.main()
