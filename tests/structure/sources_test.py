"""What the checks of this folder stand on: taking C++ text apart."""

import unittest

import sources


class CppText(unittest.TestCase):
    def test_comments_go_and_lines_stay(self):
        text = 'int a; // one\n/* two\nthree */ int b; "http://x" // four\n'
        self.assertEqual(sources.without_comments(text).split(), ["int", "a;", "int", "b;", '"http://x"'])
        self.assertEqual(sources.without_comments(text).count("\n"), 3)
        self.assertEqual([line for line, _ in sources.comments(text)], [1, 2, 3])

    def test_strings_are_emptied(self):
        text = 'f("abort()", R"x(exit("1"))x", \'e\', u8\'\\\'\', 1\'000\'000, "a\\"b"); abort();'
        bare = sources.bare(text)
        self.assertEqual(len(bare), len(text))
        self.assertEqual(
            bare.split(), ['f("', '",', "R", '",', "'", "',", "u", "',", "1'000'000,", '"', '");', "abort();"]
        )

    def test_includes(self):
        text = '#include <span>\n// #include <vector>\n  #  include "eigenformer/error.hpp"\n'
        self.assertEqual(sources.includes(text), [(1, "span", False), (3, "eigenformer/error.hpp", False)])
        self.assertIn("eigenformer/error.hpp", sources.bare(text))

    def test_includes_of_the_header_only_build(self):
        text = '#if defined(EIGENFORMER_HEADER_ONLY)\n#include "a"\n#else\n#include "b"\n#endif\n#include "c"\n'
        self.assertEqual(
            [(i.name, i.header_only) for i in sources.includes(text)], [("a", True), ("b", False), ("c", False)]
        )

    def test_this_repository_is_seen(self):
        self.assertIn("include/eigenformer/error.hpp", sources.headers())
        self.assertIn("src/core.cpp", sources.library())
        self.assertFalse([path for path in sources.files() if path.parts[0] == "build"])


if __name__ == "__main__":
    unittest.main()
