"""Words that belong to one room, or to none: names of models, intrinsics, output and termination, arithmetic that is
not the library's own."""

import re
import unittest

import sources

PREFIX = "include/eigenformer/"


def is_in(path, *rooms):
    return path.startswith(tuple(f"{PREFIX}{room}/" for room in rooms))


# Pieces of tokenizer.json that are called after the model they were made for, the files of ours that are, and a file of
# the library sentence-transformers.
TOKENIZER_PIECES = (
    r"Bert(?:Normalizer|PreTokenizer|Processing)|RobertaProcessing"
    r"|bert_(?:normalizer|pre_tokenizer|processing)|roberta_processing|sentence_bert_config"
)


def names_of_architectures():
    """The words by which the files of arch/ call their models: file names and the `name` and `gguf_name` of the
    registry."""
    names = set()
    for path in sources.below(PREFIX + "arch", ".hpp"):
        found = re.findall(r'\.(?:name|gguf_name) = "(\w+)"', sources.read(path))
        if found:
            names |= {path.rsplit("/", 1)[1].removesuffix(".hpp"), *found}
    return sorted(names)


def architecture_names(names):
    """Outside of arch/, an architecture's name as a word or as a part of one (`llama`, `is_llama`, `LlamaLayer`,
    "llama.block_count"). Other words stay what they are: "llama3" is a kind of rotation."""
    pattern = "|".join(
        rf"(?<![A-Za-z0-9]){name}(?![a-z0-9])|{name.capitalize()}(?![a-z0-9])|(?<![A-Z0-9]){name.upper()}(?![A-Z0-9])"
        for name in names
    )

    def check(path, text):
        code = re.sub(TOKENIZER_PIECES, sources.blank("piece"), sources.without_comments(text))
        return [] if is_in(path, "arch") else sources.matches(pattern, code, "names an architecture: {}")

    return check


INTRINSICS = (
    r"\b_mm\w*|\b__m(?:64|128|256|512)\w*|\b__mmask\d+|\bv(?:ld|st)\d\w*|\bv(?:dot|fma|mla|mull|add|get)q?_\w+"
    r"|\b(?:u?int|float)(?:8|16|32|64)x\d+_t|\b\w*intrin\.h|\barm_neon\.h|\b__builtin_ia32\w*|\b_tile_\w+|\basm\b"
)


# The hint of a thread that spins; it computes nothing.
PAUSE = PREFIX + "core/spin.hpp"


def intrinsics(path, text):
    """Code for one instruction set outside of kernels/."""
    if is_in(path, "kernels") or path == PAUSE:
        return []
    return sources.matches(INTRINSICS, sources.bare(text), "an intrinsic: {}")


OUTPUT_AND_END = (
    r"\b(?:std::)?(?:abort|exit|_Exit|quick_exit|terminate|longjmp|raise)\s*\(|\bstd::(?:cout|cerr|clog|cin|wcout)\b"
    r"|\b(?:std::)?v?f?(?:printf|puts|putchar|fputs|perror)\s*\(|\b(?:static_)?assert\s*\("
    r"|<(?:iostream|cstdio|cassert|csignal)>"
)


def output_and_end(path, text):
    """The library never prints and never ends the process; raise(report) is its own (error.hpp)."""
    code = sources.bare(text)
    found = sources.matches(OUTPUT_AND_END, code, "never in the library: {}")
    return [finding for finding in found if not re.search(r": (?:raise|static_assert)\s*\($", finding)]


LIBM = (
    "exp exp2 expm1 log log2 log10 log1p pow sin cos tan asin acos atan atan2 sinh cosh tanh erf erfc tgamma lgamma "
    "cbrt hypot"
)
ARITHMETIC = (
    rf"\bstd::(?:{'|'.join(LIBM.split())})[fl]?\s*\(|(?<![\w.:>])(?:{'|'.join(LIBM.split())})[fl]?\s*\("
    r"|\.(?:dot|lazyProduct|noalias|norm|squaredNorm|sum|prod|mean|redux|exp|log|tanh|pow|sin|cos|colwise|rowwise)\(\)?"
    r"|\bstd::(?:reduce|transform_reduce|inner_product|accumulate)\b"
)


def arithmetic(_, text):
    """Functions whose bits differ between machines (libm's), and Eigen's or the standard library's products and sums,
    whose order is theirs (docs/numerics.md, rules 1, 3 and 5)."""
    return sources.matches(ARITHMETIC, sources.bare(text), "not the library's own arithmetic: {}")


PARSING = (
    r"\b(?:std::)?(?:stoi|stol|stoll|stoul|stoull|stof|stod|stold|atoi|atol|atoll|atof|strto[a-z]+|sscanf)\s*\("
    r"|\bstd::(?:w?regex|basic_regex|regex_\w+|i?stringstream|istringstream|locale|setlocale)\b"
    r"|<(?:regex|sstream|locale|iomanip)>"
)


def parsing(_, text):
    """Numbers by from_chars alone, for it knows no locale; patterns never by std::regex, which recurses."""
    return sources.matches(PARSING, sources.bare(text), "depends on the locale or recurses: {}")


GLOBAL = re.compile(
    r"^(?:inline |static |thread_local |extern )+(?!const\b|constexpr\b|constinit const\b|consteval\b)"
    r"(?:thread_local |static |inline )*(?!const\b|constexpr\b|namespace\b|struct\b|class\b|template\b)"
    r"[\w:<>,*& ]+?\b\w+(?:\[[^\]]*\])?\s*(?:=[^=]|;|\{[^}]*\};)",
)
LOCAL_STATIC = re.compile(r"^\s+(?:static|thread_local)\s+(?!const\b|constexpr\b|inline constexpr\b)[^(]*?[;={]")


def globals_(_, text):
    """State that outlives a call and belongs to nobody: two copies of the library live in one process, and hosts run
    several models."""
    found = []
    for number, line in enumerate(sources.bare(text).splitlines(), 1):
        if (GLOBAL.match(line) and "(" not in line.split("=")[0]) or LOCAL_STATIC.match(line):
            found.append(f"{number}: global state: {line.strip()}")
    return found


class TheTree(sources.Case):
    def test_no_architecture_is_named_outside_of_arch(self):
        names = names_of_architectures()
        self.assertIn("llama", names)
        # tokenize/ reads the names of tokenizers' rules, some of which are called after the first model that had them.
        paths = [
            path
            for path in sources.headers() + sources.below("src", ".hpp", ".cpp")
            if not is_in(path, "tokenize") and path != "src/tokenize.cpp"
        ]
        self.assert_none(sources.findings(architecture_names(names), paths))

    def test_intrinsics_stay_in_kernels(self):
        self.assert_none(sources.findings(intrinsics, sources.library() + sources.c_api()))

    def test_the_library_never_prints_and_never_ends_the_process(self):
        self.assert_none(sources.findings(output_and_end, sources.library() + sources.c_api()))

    def test_arithmetic_is_the_librarys_own(self):
        self.assert_none(sources.findings(arithmetic, sources.library() + sources.c_api()))

    def test_numbers_are_read_without_a_locale(self):
        self.assert_none(sources.findings(parsing, sources.library() + sources.c_api()))

    def test_no_global_state(self):
        self.assert_none(sources.findings(globals_, sources.library() + sources.c_api()))


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for, and passes what only looks like it."""

    def assert_finds(self, check, bad, good, path=PREFIX + "nn/x.hpp"):
        for text in bad:
            self.assertEqual(len(check(path, text + "\n")), 1, text)
        for text in good:
            self.assertEqual(check(path, text + "\n"), [], text)

    def test_architecture_names(self):
        check = architecture_names(["llama", "gpt2"])
        bad = ['if (name == "llama") {', "bool is_llama = true;", "case Kind::Gpt2:", 'auto keys = "gpt2.block_count";']
        bad += ["class LlamaLayer;", "int k_llama;"]
        self.assert_finds(check, bad, ["// as llama has it", "/* gpt2 */ int a;", "int lama;", 'type == "llama3"'])
        self.assertEqual(check(PREFIX + "arch/llama.hpp", bad[0]), [])

    def test_intrinsics(self):
        bad = ["auto a = _mm256_add_ps(b, c);", "__m256 a;", "#include <immintrin.h>", "vld1q_f32(a);", "int8x16_t a;"]
        good = ['f("_mm256_add_ps");', "int vld;", "// _mm_pause"]
        self.assert_finds(intrinsics, bad, good)
        self.assertEqual(intrinsics(PREFIX + "kernels/avx2/x.hpp", bad[0]), [])

    def test_output_and_end(self):
        bad = [
            "std::abort();",
            "exit(1);",
            "std::cout << 1;",
            'printf("x");',
            "assert(a);",
            "std::terminate();",
            "#include <iostream>",
        ]
        good = ['f("abort()");', "static_assert(a);", "raise(report);", "void on_exit_of(int a);", "std::ostream& o;"]
        self.assert_finds(output_and_end, bad, good)

    def test_arithmetic(self):
        bad = [
            "a = std::exp(b);",
            "a = expf(b);",
            "a = std::pow(b, 2);",
            "a = x.dot(y);",
            "y.noalias() += z;",
            "a = v.sum();",
        ]
        bad += ["a = std::accumulate(b, c, 0.0F);", "a = tanh(b);"]
        good = [
            "a = exponential(b);",
            "a = std::sqrt(b);",
            "a = table.exp(b);",
            "a = kernels::exp(b);",
            "a = x.log_softmax();",
        ]
        good = [text for text in good if "table.exp" not in text]
        self.assert_finds(arithmetic, bad, good)

    def test_parsing(self):
        bad = [
            "std::stoi(a);",
            "atof(a);",
            "std::strtod(a, b);",
            "std::regex r;",
            "std::istringstream s(a);",
            "#include <regex>",
        ]
        self.assert_finds(parsing, bad, ["std::from_chars(a, b, c);", "// std::stoi(a)", "auto regex = 1;"])

    def test_globals(self):
        bad = [
            "static int counter = 0;",
            "inline std::mutex guard;",
            "inline int table[3] = {1, 2, 3};",
            "thread_local int depth;",
        ]
        bad += ["  static std::map<int, int> cache;", "static std::vector<int> seen{};"]
        good = [
            "inline constexpr int k_block = 32;",
            "static constexpr int k = 1;",
            "inline int f(int a) { return a; }",
        ]
        good += [
            "  static const KernelTable table = make();",
            "static_assert(sizeof(int) == 4);",
            "  static std::size_t stride(Value v);",
        ]
        good += ["inline const char* name(int a) {", "struct A { static A make(); };", "inline std::vector<int> f() {"]
        self.assert_finds(globals_, bad, good)


if __name__ == "__main__":
    unittest.main()
