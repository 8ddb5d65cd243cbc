"""The two builds from one source: declarations in x.hpp, bodies in x-inl.hpp, compiled by one file of src/.

That every header also compiles when nothing was included before it is shown by the target headers_test
(tests/headers); here are the parts of it that can be seen without a compiler.
"""

import re
import unittest

import sources

# Where the names of the standard library are declared, as cppreference has it. Only names that our headers use.
STANDARD = {
    "algorithm": "all_of any_of copy copy_n clamp equal fill fill_n find find_if lower_bound max_element min_element "
    "none_of nth_element partial_sort reverse sort stable_sort transform unique upper_bound max min",
    "array": "array to_array",
    "atomic": "atomic atomic_flag memory_order_relaxed memory_order_acquire memory_order_release memory_order_acq_rel",
    "bit": "bit_cast countl_zero countr_zero endian has_single_bit popcount",
    "charconv": "from_chars to_chars chars_format",
    "chrono": "chrono",
    "cmath": "abs ceil floor fma isfinite isinf isnan nearbyint rint round signbit sqrt trunc copysign ldexp",
    "condition_variable": "condition_variable",
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t",
    "cstdlib": "getenv",
    "cstring": "memcpy memset memcmp memmove",
    "deque": "deque",
    "exception": "current_exception exception_ptr rethrow_exception",
    "filesystem": "filesystem",
    "fstream": "ifstream ofstream",
    "functional": "function",
    "initializer_list": "initializer_list",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "shared_ptr unique_ptr weak_ptr make_shared make_unique enable_shared_from_this",
    "mutex": "mutex lock_guard unique_lock scoped_lock once_flag call_once",
    "new": "bad_alloc align_val_t nothrow",
    "numbers": "numbers",
    "numeric": "accumulate iota reduce",
    "optional": "optional nullopt",
    "ostream": "ostream",
    "set": "set",
    "span": "span as_bytes as_writable_bytes",
    "stdexcept": "runtime_error logic_error",
    "string": "string to_string u32string basic_string",
    "string_view": "string_view u32string_view",
    "system_error": "error_code errc",
    "thread": "thread jthread",
    "tuple": "tuple tie make_tuple",
    "type_traits": "is_same_v is_integral_v is_floating_point_v conditional_t decay_t enable_if_t is_signed_v "
    "make_unsigned_t underlying_type_t",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "utility": "exchange forward move pair swap in_place_index",
    "variant": "variant get_if visit holds_alternative monostate",
    "vector": "vector",
}
HEADER_OF = {name: header for header, names in STANDARD.items() for name in names.split()}
# Headers that the standard says bring others (https://eel.is/c++draft/), as far as our files lean on it.
BRINGS = {
    "string": ["initializer_list", "string_view"],
    "vector": ["initializer_list"],
    "map": ["initializer_list", "utility"],
    "unordered_map": ["initializer_list", "utility"],
    "set": ["initializer_list"],
    "array": ["initializer_list"],
    "span": ["array"],
    "fstream": ["ostream", "string"],
    "filesystem": ["string", "chrono"],
}

# Rooms behind the handle of a light header, which is what comes first where bodies are inline: model.hpp brings
# model-inl.hpp, which wants model_state.hpp, which wants model.hpp.
BEHIND_A_HANDLE = (
    "model_state.hpp",
    "loading.hpp",
    "source_encoding.hpp",
    "forward_feed.hpp",
    "forward_pair.hpp",
    "sentence_modules.hpp",
    "forward_segment.hpp",
    "tokenize/",
    "generate/",
    "chat/",
    "tasks/text_batch.hpp",
    "tasks/answer_spans.hpp",
    "tasks/encoded_texts.hpp",
    "tasks/entities.hpp",
    "tasks/written_text.hpp",
    "tasks/require_head.hpp",
    "tasks/pool_rows.hpp",
)


# Text for target regions: without a guard, because each instruction set compiles it in its own namespace, and without
# an include, because what is included in a region would be compiled for it.
REGION_TEXT = "include/eigenformer/kernels/lanes/"


def closure(path, read, header_only=False):
    """Every include that is seen from a file: ours by their paths, others by their names."""
    seen, todo = set(), [path]
    while todo:
        for include in sources.includes(read(todo.pop())):
            name = "include/" + include.name if include.name.startswith("eigenformer/") else include.name
            if name in seen or (include.header_only and not header_only):
                continue
            seen.add(name)
            if name.startswith("include/"):
                todo.append(name)
    return seen | {brought for name in seen for brought in BRINGS.get(name, [])}


def missing_standard_headers(path, read):
    """Names of std:: whose header a file does not see (the library at hand may bring it along, another one not)."""
    if path.startswith(REGION_TEXT):
        return []
    text = sources.bare(read(path))
    text += "".join(sources.bare(read(inner)) for inner in closure(path, read) if inner.startswith(REGION_TEXT))
    seen = closure(path, read)
    if path.endswith("-inl.hpp"):
        seen |= closure(path.removesuffix("-inl.hpp") + ".hpp", read)
    found = {}
    for use in re.finditer(r"\bstd::(\w+)", text):
        header = HEADER_OF.get(use[1])
        if header and header not in seen:
            found.setdefault(header, f"{path}:{text.count(chr(10), 0, use.start()) + 1}: {use[0]} needs <{header}>")
    return list(found.values())


def unguarded(path, text):
    """Bodies that a plain header includes in the compiled build, too."""
    return [
        f"{include.line}: {include.name} belongs under EIGENFORMER_HEADER_ONLY"
        for include in sources.includes(text)
        if include.name.endswith("-inl.hpp") and not include.header_only and not path.endswith("-inl.hpp")
    ]


def starts(paths, read):
    """Headers that a file may begin with: those of users, and those that other plain headers include. What only bodies
    include is theirs; what is behind a handle comes after the handle's header."""
    plain = [path for path in paths if not path.endswith("-inl.hpp")]
    included = {"include/" + include.name for path in plain for include in sources.includes(read(path))}
    behind = tuple("include/eigenformer/" + place for place in BEHIND_A_HANDLE)
    beside = [path for path in plain if path.count("/") == 2]
    return [path for path in plain if (path in included or path in beside) and not path.startswith(behind)]


def without_bodies(paths, read):
    """In the header-only build, whoever includes x.hpp gets x-inl.hpp: x.hpp ends with it, or the header through which
    x.hpp is reached brings all bodies of its parts."""
    found = set()
    for root in starts(paths, read):
        seen = closure(root, read, header_only=True) | {root}
        for path in seen:
            body = path.removesuffix(".hpp") + "-inl.hpp"
            if body in paths and body not in seen:
                found.add(f"{path}: {body.removeprefix('include/')} is missing after {root}")
    return sorted(found)


def compiled_elsewhere(paths, compiled, read):
    """Bodies that no file of src/ compiles, or more than one."""
    by_source = {source: closure(source, read) for source in compiled}
    found = []
    for path in paths:
        if path.endswith("-inl.hpp"):
            by = [source for source, seen in by_source.items() if path in seen]
            if len(by) != 1:
                found.append(f"{path}: compiled by {', '.join(by) or 'no file of src/'}")
    return found


def wrong_order(root, read):
    """Plays the preprocessor in the header-only build from one header on. A file that includes one which is still being
    read sees nothing of it, unless all that is left of that one is includes (of bodies)."""
    found, done, stack = [], set(), []

    def enter(path, include):
        if path not in done:
            done.add(path)
            lines = sources.bare(read(path)).splitlines()
            code = [number for number, line in enumerate(lines, 1) if line.strip() and not line.startswith(("#", "}"))]
            for inner in sources.includes(read(path)):
                if inner.name.startswith("eigenformer/"):
                    stack.append((path, inner.line < max(code, default=0)))
                    enter("include/" + inner.name, inner)
                    stack.pop()
        elif not include.header_only and (path, True) in stack:
            found.append(f"{root}: {stack[-1][0]} needs {path}, which is still being read")

    enter(root, None)
    return found


def source_includes(path, text):
    """A file of src/ is a list of bodies and nothing else."""
    lines = [line for line in text.splitlines() if line and not line.startswith("//")]
    is_body = re.compile(r'#include "eigenformer/\S+-inl\.hpp"$')
    return [f"1: {line!r} is not an -inl.hpp file of the library" for line in lines if not is_body.match(line)]


def guarded_or_including(_, text):
    """What text for target regions must not have."""
    return sources.matches(r"^#(?:include|pragma once)\b.*", sources.bare(text), "not in text for target regions: {}")


def absent(path, text):
    """Includes of ours that are not there."""
    return [
        f"{include.line}: {include.name} does not exist"
        for include in sources.includes(text)
        if include.name.startswith("eigenformer/") and "include/" + include.name not in sources.headers()
    ]


class TheTree(sources.Case):
    def test_includes_exist(self):
        self.assert_none(sources.findings(absent, sources.headers() + sources.library()))

    def test_every_header_has_pragma_once(self):
        paths = [path for path in sources.headers() if not path.startswith(REGION_TEXT)]
        self.assert_none([path for path in paths if "\n#pragma once\n" not in "\n" + sources.read(path)])

    def test_text_for_target_regions_has_no_guard_and_includes_nothing(self):
        paths = [path for path in sources.headers() if path.startswith(REGION_TEXT)]
        self.assertGreater(len(paths), 3)
        self.assert_none(sources.findings(guarded_or_including, paths))

    def test_declarations_and_bodies_are_paired(self):
        self.assert_none(sources.findings(unguarded, sources.headers()))
        self.assert_none(without_bodies(sources.headers(), sources.read))

    def test_every_body_is_compiled_once(self):
        compiled = [path for path in sources.library() if path.startswith("src/")]
        self.assert_none(compiled_elsewhere(sources.headers(), compiled, sources.read))
        self.assert_none(sources.findings(source_includes, compiled))

    def test_standard_headers_are_included(self):
        self.assert_none([f for path in sources.headers() for f in missing_standard_headers(path, sources.read)])

    def test_any_header_can_come_first_in_the_header_only_build(self):
        roots = starts(sources.headers(), sources.read)
        self.assertGreater(len(roots), 50)
        self.assert_none([finding for path in roots for finding in wrong_order(path, sources.read)])


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for."""

    GUARDED = '#if defined(EIGENFORMER_HEADER_ONLY)\n#include "eigenformer/a-inl.hpp"\n#endif\n'

    def test_unguarded(self):
        self.assertEqual(unguarded("a.hpp", self.GUARDED), [])
        self.assertEqual(len(unguarded("a.hpp", '#include "eigenformer/a-inl.hpp"\n')), 1)
        self.assertEqual(unguarded("b-inl.hpp", '#include "eigenformer/a-inl.hpp"\n'), [])

    def test_without_bodies(self):
        texts = {
            "include/eigenformer/a.hpp": "#pragma once\n" + self.GUARDED,
            "include/eigenformer/a-inl.hpp": '#include "eigenformer/nn/part.hpp"\n',
            "include/eigenformer/nn/part.hpp": "",
            "include/eigenformer/nn/part-inl.hpp": "",
        }
        self.assertEqual(len(without_bodies(list(texts), texts.__getitem__)), 1)
        texts["include/eigenformer/a-inl.hpp"] += '#include "eigenformer/nn/part-inl.hpp"\n'
        self.assertEqual(without_bodies(list(texts), texts.__getitem__), [])
        texts["include/eigenformer/a.hpp"] = "#pragma once\n"
        self.assertEqual(len(without_bodies(list(texts), texts.__getitem__)), 1)

    def test_absent(self):
        text = '#include "eigenformer/error.hpp"\n#include "eigenformer/errors.hpp"\n'
        self.assertEqual(absent("", text), ["2: eigenformer/errors.hpp does not exist"])

    def test_compiled_elsewhere(self):
        texts = {
            "include/eigenformer/a-inl.hpp": "",
            "src/a.cpp": '#include "eigenformer/a-inl.hpp"\n',
            "src/b.cpp": '#include "eigenformer/a-inl.hpp"\n',
        }
        headers = ["include/eigenformer/a-inl.hpp"]
        self.assertEqual(compiled_elsewhere(headers, ["src/a.cpp"], texts.__getitem__), [])
        self.assertEqual(len(compiled_elsewhere(headers, ["src/a.cpp", "src/b.cpp"], texts.__getitem__)), 1)
        self.assertEqual(len(compiled_elsewhere(headers, [], texts.__getitem__)), 1)

    def test_missing_standard_headers(self):
        texts = {
            "include/eigenformer/a.hpp": '#include "eigenformer/b.hpp"\n#include <string>\n'
            "std::vector<std::string_view> a;\nstd::span<int> b; // std::map\n",
            "include/eigenformer/b.hpp": "#include <vector>\n",
        }
        found = missing_standard_headers("include/eigenformer/a.hpp", texts.__getitem__)
        self.assertEqual(found, ["include/eigenformer/a.hpp:4: std::span needs <span>"])

    def test_standard_headers_of_region_text(self):
        texts = {
            REGION_TEXT + "a.hpp": "std::vector<int> a;\n",
            "include/eigenformer/kernels/b.hpp": '#include "eigenformer/kernels/lanes/a.hpp"\n',
        }
        self.assertEqual(missing_standard_headers(REGION_TEXT + "a.hpp", texts.__getitem__), [])
        self.assertEqual(len(missing_standard_headers("include/eigenformer/kernels/b.hpp", texts.__getitem__)), 1)

    def test_guarded_or_including(self):
        self.assertEqual(guarded_or_including("", "#pragma GCC unroll 4\n// #include <a>\n"), [])
        self.assertEqual(len(guarded_or_including("", "#pragma once\n#include <a>\n")), 2)

    def test_wrong_order(self):
        texts = {
            "include/eigenformer/a.hpp": "#pragma once\nint a();\n" + self.GUARDED,
            "include/eigenformer/a-inl.hpp": '#include "eigenformer/b.hpp"\nint a() { return b(); }\n',
            "include/eigenformer/b.hpp": '#include "eigenformer/a.hpp"\nint b();\n',
        }
        self.assertEqual(wrong_order("include/eigenformer/a.hpp", texts.__getitem__), [])
        # From b.hpp on, a's bodies come before b has declared anything.
        self.assertEqual(len(wrong_order("include/eigenformer/b.hpp", texts.__getitem__)), 1)

    def test_source_includes(self):
        text = '// All of it.\n#include "eigenformer/a-inl.hpp"\n'
        self.assertEqual(source_includes("src/a.cpp", text), [])
        self.assertEqual(len(source_includes("src/a.cpp", text + "int a;\n")), 1)


if __name__ == "__main__":
    unittest.main()
