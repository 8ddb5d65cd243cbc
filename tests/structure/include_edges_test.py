"""Which room may include which (docs/HACKING.md has the map), and what the user's headers drag in."""

import fnmatch
import unittest

import sources

# What a room's files may include, below include/eigenformer. Every room may include itself, core/ and error.hpp.
ROOMS = {
    "core": [],
    "quant": [],
    "format": ["quant/*"],
    "kernels": ["quant/panel.hpp"],
    "ops": ["kernels/*", "quant/*"],
    "nn": ["executor.hpp", "quant/*", "kernels/*", "ops/*", "format/*"],
    "arch": ["quant/*", "ops/*", "format/*", "nn/*"],
    "tokenize": ["tokenizer.hpp", "format/*"],
    "generate": [
        "choose.hpp",
        "generate.hpp",
        "scheduler.hpp",
        "text_piece.hpp",
        "tokenizer.hpp",
        "tokenize/case_folding.hpp",
        "model.hpp",
        "model_state.hpp",
        "nn/kv_cache.hpp",
        "nn/rows.hpp",
        "nn/session.hpp",
        "nn/two_streams.hpp",
        "source_encoding.hpp",
        "kernels/floating_point_guard.hpp",
        "kernels/kernel_table.hpp",
        "kernels/scalar_table.hpp",
        "ops/log_softmax.hpp",
        "format/json*.hpp",
    ],
    "chat": [
        "chat.hpp",
        "choose.hpp",
        "scheduler.hpp",
        "generate.hpp",
        "tokenizer.hpp",
        "model.hpp",
        "model_state.hpp",
        "generate/*",
        "tokenize/*",
        "format/json*.hpp",
    ],
    "tasks": [
        "tasks.hpp",
        "generate.hpp",
        "tokenizer.hpp",
        "model.hpp",
        "model_state.hpp",
        "forward.hpp",
        "forward_feed.hpp",
        "source_encoding.hpp",
        "sentence_modules.hpp",
        "kernels/floating_point_guard.hpp",
        "nn/*",
        "tokenize/languages.hpp",
        "tokenize/normalizers/lowercase.hpp",
    ],
}

# The headers beside the rooms, each with its -inl.hpp. Those for users are light: see LightHeaders below.
INTERNAL = {
    "model_state",
    "loading",
    "source_encoding",
    "generation_defaults",
    "forward_feed",
    "forward_pair",
    "sentence_modules",
    "forward_segment",
    "reader_source",
}
BESIDE_THE_ROOMS = {
    "eigenformer": [
        "error.hpp",
        "executor.hpp",
        "tokenizer.hpp",
        "find_model.hpp",
        "model.hpp",
        "asset_reader.hpp",
        "load_async.hpp",
        "estimate.hpp",
        "memory_estimate.hpp",
        "forward.hpp",
        "generate.hpp",
        "text_piece.hpp",
        "scheduler.hpp",
        "choose.hpp",
        "chat.hpp",
        "tasks.hpp",
        "segment_memory.hpp",
    ],
    "error": [],
    "executor": [],
    "tokenizer": [],
    "tokenizer-inl": ["tokenize/*"],
    "model": ["asset_reader.hpp", "executor.hpp", "tokenizer.hpp"],
    "model-inl": ["loading.hpp", "model_state.hpp", "reader_source.hpp"],
    "asset_reader": [],
    "reader_source": ["asset_reader.hpp", "format/byte_source.hpp", "format/folder.hpp"],
    "memory_estimate": [],
    "estimate": ["asset_reader.hpp", "memory_estimate.hpp", "model.hpp"],
    "estimate-inl": ["loading.hpp", "reader_source.hpp"],
    "load_async": ["asset_reader.hpp", "model.hpp"],
    "model_state": ["model.hpp", "generation_defaults.hpp", "nn/*"],
    "generation_defaults": ["tokenizer.hpp"],
    "generation_defaults-inl": ["format/json.hpp"],
    "source_encoding": ["model_state.hpp"],
    "forward_feed": ["forward.hpp", "model_state.hpp", "ops/log_softmax.hpp"],
    "forward_pair": ["forward.hpp"],
    "forward_pair-inl": ["forward_feed.hpp", "source_encoding.hpp"],
    "segment_memory": [],
    "forward_segment": ["forward.hpp"],
    "forward_segment-inl": ["forward_feed.hpp", "nn/two_streams.hpp"],
    "loading": ["memory_estimate.hpp", "model_state.hpp", "format/byte_source.hpp", "format/folder.hpp"],
    "sentence_modules": ["format/folder.hpp", "kernels/kernel_table.hpp", "nn/*"],
    "sentence_modules-inl": ["format/*", "nn/*"],
    "loading-inl": [
        "sentence_modules.hpp",
        "arch/registry.hpp",
        "format/*",
        "kernels/*",
        "nn/labels.hpp",
        "tokenize/load.hpp",
        "tokenize/gguf_vocabulary.hpp",
    ],
    "forward": ["model.hpp", "segment_memory.hpp"],
    "forward-inl": ["forward_feed.hpp", "forward_pair.hpp", "forward_segment.hpp"],
    "find_model": [],
    "find_model-inl": ["format/file.hpp"],
    "generate": ["model.hpp", "tokenizer.hpp", "generate/logits_processor.hpp"],
    "generate-inl": ["generate/*"],
    "text_piece": [],
    "scheduler": ["generate.hpp", "model.hpp", "text_piece.hpp", "tokenizer.hpp"],
    "scheduler-inl": ["generate/*"],
    "choose": ["generate.hpp", "model.hpp", "tokenizer.hpp"],
    "choose-inl": ["generate/*"],
    "chat": [
        "choose.hpp",
        "generate.hpp",
        "model.hpp",
        "scheduler.hpp",
        "text_piece.hpp",
        "tokenizer.hpp",
        "chat/template/date.hpp",
    ],
    "chat-inl": ["chat/*", "generate/*", "model_state.hpp"],
    "tasks": ["model.hpp", "tasks/*"],
}

# Plain headers that need the whole of nlohmann/json.hpp. Only bodies (-inl.hpp files) include them.
JSON_FOR_BODIES = ["format/json_events.hpp", "format/json_builder.hpp", "format/safetensors_header.hpp",
                   "chat/template/value_events.hpp"]

# Libraries of others, and where they may be included.
LIBRARIES = {
    "Eigen/*": ["core/tensor_view.hpp"],
    # Its events, and the text of single values: a tree of its values allocates while it is destroyed, and the process
    # ends where there is no memory for that. The library's own is format/json_value.hpp.
    "nlohmann/json.hpp": ["format/json_events.hpp", "format/json_writer-inl.hpp"],
    "pcre2.h": ["tokenize/*-inl.hpp"],
    "utf8proc.h": ["tokenize/*-inl.hpp", "chat/*-inl.hpp"],
}
HEAVY = ["Eigen/*", "nlohmann/*", "pcre2.h", "utf8proc.h"]

PREFIX = "include/eigenformer/"


def is_one_of(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def allowed(path):
    """The patterns of what a header may include, or None where nobody has said."""
    name = path.removeprefix(PREFIX)
    always = ["error.hpp", "core/*"]
    if "/" in name:
        room = name.split("/")[0]
        return None if room not in ROOMS else ROOMS[room] + [room + "/*"] + always
    stem = name.removesuffix(".hpp")
    if stem not in BESIDE_THE_ROOMS and not stem.endswith("-inl"):
        return None
    own = stem.removesuffix("-inl")
    always = ["core/*"] if own in ("error", "executor") else always
    return BESIDE_THE_ROOMS.get(stem, []) + [
        own + ".hpp",
        own + "-inl.hpp",
        *always,
        "error.hpp" if stem != "error" else "",
    ]


def edges(path, text):
    """Includes of ours that the room of `path` may not have."""
    patterns = allowed(path)
    if patterns is None:
        return ["1: no rule says what this header may include (include_edges_test.py)"]
    return [
        f"{include.line}: may not include {include.name}"
        for include in sources.includes(text)
        if include.name.startswith("eigenformer/")
        and not is_one_of(include.name.removeprefix("eigenformer/"), patterns)
    ]


def libraries(path, text):
    """Includes of other libraries where they do not belong."""
    name = path.removeprefix(PREFIX)
    found = []
    for include in sources.includes(text):
        places = [places for library, places in LIBRARIES.items() if fnmatch.fnmatch(include.name, library)]
        is_other = "/" in include.name and not include.name.startswith(("eigenformer/", "sys/"))
        if (places and not is_one_of(name, places[0])) or (is_other and not places):
            found.append(f"{include.line}: may not include {include.name}")
    return found


def public_headers():
    beside = [path for path in sources.headers() if "/" not in path.removeprefix(PREFIX)]
    stems = {path: path.removeprefix(PREFIX).removesuffix(".hpp") for path in beside}
    of_tasks = ["include/" + include.name for include in sources.includes(sources.read(PREFIX + "tasks.hpp"))]
    return [path for path, stem in stems.items() if stem not in INTERNAL and not stem.endswith("-inl")] + [
        path for path in of_tasks if path.startswith(PREFIX + "tasks/")
    ]


def reached(path, read):
    """Every file that one include of `path` brings in the compiled build, each with the way to it."""
    ways, todo = {path: [path]}, [path]
    while todo:
        here = todo.pop()
        for include in sources.includes(read(here)):
            name = "include/" + include.name if include.name.startswith("eigenformer/") else include.name
            if include.header_only or name in ways:
                continue
            ways[name] = ways[here] + [name]
            if name.startswith("include/"):
                todo.append(name)
    return ways


def heavy(path, read):
    """What a light header must not reach."""
    internal = [f"{PREFIX}{name}.hpp" for name in INTERNAL] + [f"{PREFIX}*-inl.hpp"]
    return [
        f"{path} reaches {name}: {' -> '.join(way)}"
        for name, way in reached(path, read).items()
        if is_one_of(name, HEAVY + internal)
    ]


def json_in_declarations(path, read):
    """A plain header that brings all of nlohmann/json.hpp to whoever includes it."""
    if path.endswith("-inl.hpp") or path.removeprefix(PREFIX) in JSON_FOR_BODIES:
        return []
    way = reached(path, read).get("nlohmann/json.hpp")
    return [f"{path}: {' -> '.join(way)}"] if way else []


class TheTree(sources.Case):
    def test_rooms_include_what_they_may(self):
        self.assert_none(sources.findings(edges, sources.headers()))

    def test_other_libraries_stay_where_they_belong(self):
        self.assert_none(sources.findings(libraries, sources.headers()))

    def test_the_users_headers_are_light(self):
        self.assertGreaterEqual(len(public_headers()), 5)
        self.assert_none([finding for path in public_headers() for finding in heavy(path, sources.read)])

    def test_only_bodies_see_all_of_json(self):
        self.assert_none([f for path in sources.headers() for f in json_in_declarations(path, sources.read)])

    def test_examples_and_the_c_api_use_only_the_users_headers(self):
        public = [path.removeprefix("include/") for path in public_headers()]
        public += ["eigenformer/c_api.h", "eigenformer/core/config.hpp"]

        def check(_, text):
            return [
                f"{include.line}: {include.name} is not one of the user's headers"
                for include in sources.includes(text)
                if include.name.startswith("eigenformer/") and include.name not in public
            ]

        self.assert_none(sources.findings(check, sources.below("examples", ".cpp", ".hpp", ".c") + sources.c_api()))


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for."""

    def test_forbidden_edges(self):
        text = '#include "eigenformer/nn/linear.hpp"\n#include "eigenformer/core/math.hpp"\n'
        for path, expected in {
            "core/x.hpp": 1,
            "quant/x.hpp": 1,
            "format/x-inl.hpp": 1,
            "kernels/avx2/x.hpp": 1,
            "ops/x.hpp": 1,
            "tokenize/models/x.hpp": 1,
            "generate/x.hpp": 1,
            "chat/x.hpp": 1,
            "tasks.hpp": 1,
            "error.hpp": 1,
            "model.hpp": 1,
            "nn/x.hpp": 0,
            "arch/x.hpp": 0,
            "model_state.hpp": 0,
        }.items():
            self.assertEqual(len(edges(PREFIX + path, text)), expected, path)

    def test_nobody_but_loading_includes_an_architecture(self):
        text = '#include "eigenformer/arch/registry.hpp"\n'
        for room in ROOMS:
            self.assertEqual(len(edges(f"{PREFIX}{room}/x.hpp", text)), int(room != "arch"), room)
        for name in BESIDE_THE_ROOMS:
            self.assertEqual(len(edges(f"{PREFIX}{name}.hpp", text)), int(name != "loading-inl"), name)

    def test_kernels_know_panels_alone(self):
        text = '#include "eigenformer/quant/panel.hpp"\n#include "eigenformer/quant/q4_0.hpp"\n'
        self.assertEqual(edges(PREFIX + "kernels/x.hpp", text), ["2: may not include eigenformer/quant/q4_0.hpp"])

    def test_a_new_room_needs_a_rule(self):
        self.assertEqual(len(edges(PREFIX + "server/x.hpp", "")), 1)
        self.assertEqual(len(edges(PREFIX + "server.hpp", "")), 1)

    def test_libraries(self):
        text = "#include <nlohmann/json.hpp>\n#include <vector>\n"
        self.assertEqual(libraries(PREFIX + "format/json.hpp", text), ["1: may not include nlohmann/json.hpp"])
        self.assertEqual(libraries(PREFIX + "format/json_events.hpp", text), [])
        self.assertEqual(libraries(PREFIX + "chat/saved_chat-inl.hpp", text), ["1: may not include nlohmann/json.hpp"])
        self.assertEqual(len(libraries(PREFIX + "nn/x.hpp", "#include <Eigen/Core>\n")), 1)
        self.assertEqual(len(libraries(PREFIX + "nn/x.hpp", "#include <absl/strings/str_cat.h>\n")), 1)

    def test_what_is_reached(self):
        texts = {
            PREFIX + "model.hpp": '#include "eigenformer/nn/rows.hpp"\n'
            '#if defined(EIGENFORMER_HEADER_ONLY)\n#include "eigenformer/model-inl.hpp"\n#endif\n',
            PREFIX + "nn/rows.hpp": '#include "eigenformer/core/tensor_view.hpp"\n',
            PREFIX + "core/tensor_view.hpp": "#include <Eigen/Core>\n",
            PREFIX + "forward.hpp": '#include "eigenformer/model_state.hpp"\n',
            PREFIX + "model_state.hpp": "#include <memory>\n",
        }
        (found,) = heavy(PREFIX + "model.hpp", texts.__getitem__)
        self.assertIn("nn/rows.hpp -> include/eigenformer/core/tensor_view.hpp -> Eigen/Core", found)
        self.assertEqual(len(heavy(PREFIX + "forward.hpp", texts.__getitem__)), 1)

    def test_json_in_declarations(self):
        texts = {
            PREFIX + "format/a.hpp": '#include "eigenformer/format/json_events.hpp"\n',
            PREFIX + "format/json_events.hpp": "#include <nlohmann/json.hpp>\n",
        }
        self.assertEqual(len(json_in_declarations(PREFIX + "format/a.hpp", texts.__getitem__)), 1)
        self.assertEqual(len(json_in_declarations(PREFIX + "format/json_events.hpp", texts.__getitem__)), 0)


if __name__ == "__main__":
    unittest.main()
