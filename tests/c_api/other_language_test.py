"""Another language calls the shared library: Python, by ctypes, with nothing but the header's word for it."""

import ctypes
import os
import pathlib
import subprocess
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("EIGENFORMER_BUILD", ROOT / "build" / "tests"))
MODEL = ROOT / "tests" / "golden" / "gguf" / "q4_1" / "model.gguf"
EMBEDDER = ROOT / "tests" / "tasks" / "vectors" / "mean"


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_uint64)]


class Texts(ctypes.Structure):
    _fields_ = [("texts", ctypes.POINTER(Text)), ("count", ctypes.c_uint64)]


class Tokens(ctypes.Structure):
    _fields_ = [("ids", ctypes.POINTER(ctypes.c_int32)), ("count", ctypes.c_uint64)]


class Vectors(ctypes.Structure):
    _fields_ = [("values", ctypes.POINTER(ctypes.c_float)), ("rows", ctypes.c_uint64), ("columns", ctypes.c_uint64)]


class Reader(ctypes.Structure):
    pass


OnRead = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64)
OnClose = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
OnOpen = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(Reader))
Reader._fields_ = [("size", ctypes.c_uint64), ("name", ctypes.c_char_p), ("bytes", ctypes.c_uint64), ("read", OnRead),
                   ("close", OnClose), ("context", ctypes.c_void_p)]


class Folder(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint64), ("name", ctypes.c_char_p), ("open", OnOpen), ("close", OnClose),
                ("context", ctypes.c_void_p)]


class Source(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint64), ("path", ctypes.c_char_p), ("gguf", ctypes.POINTER(Reader)),
                ("folder", ctypes.POINTER(Folder))]


class Estimate(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("size", "parameters", "weight_bytes", "largest_tensor_bytes",
                                                     "context_length", "page_tokens", "page_bytes")]


OnPiece = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, Text)


class Archive:
    """A folder whose files Python reads."""

    def __init__(self, root):
        self.root = root
        self.files, self.closed = [], []
        self.read, self.open, self.close = OnRead(self.on_read), OnOpen(self.on_open), OnClose(self.closed.append)
        self.folder = Folder(ctypes.sizeof(Folder), b"world.pack", self.open, OnClose(), None)
        self.source = Source(ctypes.sizeof(Source), None, None, ctypes.pointer(self.folder))

    def on_open(self, _, name, reader):
        path = self.root / name.decode()
        if path.is_file():
            self.files.append(path.read_bytes())
            reader.contents.bytes = len(self.files[-1])
            reader.contents.read, reader.contents.close = self.read, self.close
            reader.contents.context = len(self.files)
        return 1

    def on_read(self, context, offset, out, count):
        ctypes.memmove(out, self.files[context - 1][offset : offset + count], count)
        return 1


def text_of(string):
    """With the bytes, which must live as long as it is used."""
    data = string.encode()
    return Text(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data)), data


class FromPython(unittest.TestCase):
    def setUp(self):
        self.library = ctypes.CDLL(str(BUILD / "libeigenformer_c.so"))
        self.library.eigenformer_error_new.restype = ctypes.c_void_p
        for name in ("error_id", "error_message"):
            getattr(self.library, f"eigenformer_{name}").restype = ctypes.c_char_p
        self.error = ctypes.c_void_p(self.library.eigenformer_error_new())
        self.addCleanup(self.library.eigenformer_error_free, self.error)

    def call(self, name, *arguments):
        status = getattr(self.library, f"eigenformer_{name}")(*arguments, self.error)
        self.assertEqual(status, 0, self.library.eigenformer_error_message(self.error))

    def load(self, path):
        model = ctypes.c_void_p()
        self.call("load", str(path).encode(), None, ctypes.byref(model))
        self.addCleanup(self.library.eigenformer_model_free, model)
        return model

    def generate(self, model, prompt):
        pieces = []

        def add(_, piece):
            pieces.append(ctypes.string_at(piece.data, piece.size).decode())
            return 1

        prompt_text, _data = text_of(prompt)
        self.call("generate", model, prompt_text, None, OnPiece(add), None)
        return "".join(pieces)

    def test_tokens(self):
        text, _data = text_of("hello world")
        tokens = Tokens()
        self.call("tokenize", self.load(MODEL), text, None, ctypes.byref(tokens))
        printed = subprocess.run([BUILD / "eigenformer", "tokenize", MODEL], input="hello world\n", text=True,
                                 capture_output=True, timeout=60, check=True).stdout
        self.assertEqual(str(tokens.ids[: tokens.count]).replace(" ", ""), printed.strip())
        self.library.eigenformer_free(tokens.ids)

    def test_generation_on_two_threads(self):
        model = self.load(MODEL)
        alone = self.generate(model, "hello")
        self.assertGreater(len(alone), 10)
        found = []
        other = threading.Thread(target=lambda: found.append(self.generate_apart(model)))
        other.start()
        self.assertEqual(self.generate(model, "hello"), alone)
        other.join()
        self.assertEqual(found, [alone])

    def generate_apart(self, model):
        """With an error object of this thread's own: null."""
        pieces = []
        prompt, _data = text_of("hello")
        on_piece = OnPiece(lambda _, piece: pieces.append(ctypes.string_at(piece.data, piece.size)) or 1)
        self.assertEqual(self.library.eigenformer_generate(model, prompt, None, on_piece, None, None), 0)
        return b"".join(pieces).decode()

    def test_vectors(self):
        given = [text_of("the door is blue"), text_of("who opens it")]
        texts = (Text * 2)(*(text for text, _ in given))
        vectors = Vectors()
        self.call("embed", self.load(EMBEDDER), Texts(texts, 2), None, ctypes.byref(vectors))
        self.assertEqual((vectors.rows, vectors.columns), (2, 20))
        for row in range(2):
            numbers = vectors.values[row * 20 : row * 20 + 20]
            self.assertAlmostEqual(sum(number * number for number in numbers), 1, places=5)
        self.library.eigenformer_free(vectors.values)

    def test_a_folder_of_readers(self):
        archive = Archive(EMBEDDER)
        estimate, loading, model = Estimate(), ctypes.c_void_p(), ctypes.c_void_p()
        self.call("estimate", ctypes.byref(archive.source), None, ctypes.byref(estimate), ctypes.sizeof(estimate))
        self.call("load_begin", ctypes.byref(archive.source), None, ctypes.byref(loading))
        self.addCleanup(self.library.eigenformer_loading_free, loading)
        self.call("loading_wait", loading, ctypes.byref(model))
        self.addCleanup(self.library.eigenformer_model_free, model)
        self.assertEqual(self.library.eigenformer_loading_ready(loading), 1)
        self.library.eigenformer_loading_progress.restype = ctypes.c_double
        self.assertEqual(self.library.eigenformer_loading_progress(loading), 1)
        self.assertEqual(sorted(archive.closed), list(range(1, len(archive.files) + 1)))
        self.assertGreater(estimate.weight_bytes, 1000)
        self.assertEqual(self.vector_of(model), self.vector_of(self.load(EMBEDDER)))

    def vector_of(self, model):
        text, _data = text_of("the door is blue")
        vectors = Vectors()
        self.call("embed", model, Texts(ctypes.pointer(text), 1), None, ctypes.byref(vectors))
        numbers = vectors.values[: vectors.columns]
        self.library.eigenformer_free(vectors.values)
        return numbers

    def test_an_error(self):
        model = ctypes.c_void_p()
        status = self.library.eigenformer_load(b"/no/such", None, ctypes.byref(model), self.error)
        self.assertEqual(status, 9)
        self.assertEqual(self.library.eigenformer_error_id(self.error), b"system.file_open")
        self.assertIsNone(model.value)


if __name__ == "__main__":
    unittest.main()
