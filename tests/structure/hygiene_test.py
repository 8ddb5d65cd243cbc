"""What does not belong into the repository: paths of one machine, hosts of package registries, large files."""

import re
import unittest

import sources

PATH = re.compile(r"(?<![\w.$})/-])/(?:work|opt|root|home/\w+|tmp|mnt|srv|Users)(?=/|\b)(?!\w)")
# A chroot's own home folder.
NOT_A_PATH = re.compile(r'"/home/\$visitor"|=/home/\$visitor')
HOSTS = re.compile(
    r"\b(?:pypi\.\w+|\w+\.pythonhosted\.\w+|registry\.npmjs\.\w+|\w+\.debian\.org|\w*\.?archive\.ubuntu\.com)\b"
)
BEYOND = re.compile(r"(?i)\b(?:work" r"tree|work" r"place|the bri" r"ef|(?:this|next|later|previous) is" r"sues?)\b")
LARGE_BYTES = 1_000_000


def machine_paths(_, text):
    return [
        f"{number}: a path of one machine: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        if PATH.search(NOT_A_PATH.sub("", line))
    ]


def registries(_, text):
    return sources.matches(HOSTS, text, "a package registry's host: {}")


def beyond_the_project(_, text):
    """The repository speaks of the project, not of how it came to be."""
    return sources.matches(BEYOND, text, "not about the project: {}")


def white_space(_, text):
    found = sources.matches(r"[ \t]+$|\r", text, "white space at the end of a line")
    if text and not text.endswith("\n"):
        found.append(f"{text.count(chr(10)) + 1}: no newline at the end of the file")
    return found


def our_texts():
    """Texts of ours; data that tests compare with is as it is."""
    data = re.compile(r".*\.(?:json|txt|jinja|golden|tsv|csv)$|LICENSE$")
    return [
        path for path in sources.texts() if not (data.match(path) and path.startswith("tests/")) and path != "LICENSE"
    ]


class TheTree(sources.Case):
    def test_no_path_of_one_machine(self):
        self.assert_none(sources.findings(machine_paths, our_texts()))

    def test_no_host_of_a_package_registry(self):
        self.assert_none(sources.findings(registries, our_texts()))

    def test_the_repository_speaks_of_the_project(self):
        self.assert_none(sources.findings(beyond_the_project, our_texts()))

    def test_white_space(self):
        code = [path for path in our_texts() if not path.endswith(".md")]
        self.assert_none(sources.findings(white_space, code))

    def test_no_large_files(self):
        sizes = {str(path): (sources.ROOT / path).stat().st_size for path in sources.files()}
        self.assert_none([f"{path}: {size} bytes" for path, size in sizes.items() if size > LARGE_BYTES])


class TheChecks(unittest.TestCase):
    """Each check finds what it is there for, and passes what only looks like it."""

    def test_machine_paths(self):
        for folder in ("wo" "rk/main", "op" "t/x", "ro" "ot/.cache", "tm" "p/a", "ho" "me/ann/x"):
            self.assertEqual(len(machine_paths("", f"see /{folder}\n")), 1, folder)
        good = 'a/tmp/b\n$(mktemp)/work\nframework/x\nhttps://x.org/opt/y\nchown "/home/$visitor"\n/options\n'
        self.assertEqual(machine_paths("", good), [])

    def test_registries(self):
        for host in ("py" "pi.org", "files.python" "hosted.org", "registry.np" "mjs.org", "deb.deb" "ian.org"):
            self.assertEqual(len(registries("", f"https://{host}/x\n")), 1, host)
        self.assertEqual(registries("", '{"kind": "pypi"} https://huggingface.co/x debian.org\n'), [])

    def test_beyond_the_project(self):
        self.assertEqual(len(beyond_the_project("", "as the bri" "ef says\nin a later is" "sue\n")), 2)
        self.assertEqual(beyond_the_project("", "issue a warning; a session of its own\n"), [])

    def test_white_space(self):
        self.assertEqual(len(white_space("", "a \nb\r\nc")), 3)
        self.assertEqual(white_space("", "a\n\nb\n"), [])


if __name__ == "__main__":
    unittest.main()
