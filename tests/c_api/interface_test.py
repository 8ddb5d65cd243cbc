"""A minor version of the C API keeps what there was: its functions, the numbers of its constants, the members of its
structures but for new ones at the ends of those that begin with their size.

interface.json has what the last released version has; `interface_test.py --record` writes it anew.
"""

import json
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
HEADER = HERE.parents[1] / "include" / "eigenformer" / "c_api.h"
RECORD = HERE / "interface.json"


def interface_of(header):
    """What a program was compiled with."""
    text = re.sub(r"//[^\n]*", "", header)
    version = [int(number) for number in re.findall(r"API_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text)]
    constants = {name: int(value) for name, value in re.findall(r"(EIGENFORMER_\w+) = (\d+)", text)}
    structures = {
        name: [" ".join(member.split()) for member in body.split(";") if member.strip()]
        for body, name in re.findall(r"typedef struct \w+ \{([^}]*)\} (\w+);", text)
    }
    statements = [" ".join(part.split()) for part in re.findall(r"(?m)^(?:EIGENFORMER_C_API|typedef)[^;{]*;", text)]
    return {"version": version, "constants": constants, "structures": structures, "statements": sorted(statements)}


def broken(old, new):
    """What a program that was compiled with `old` would miss or take for something else."""
    found = [name for name, value in old["constants"].items() if new["constants"].get(name) != value]
    for name, members in old["structures"].items():
        may_grow = members[0] == "uint64_t size"
        now = new["structures"].get(name, [])
        if (now[: len(members)] if may_grow else now) != members:
            found.append(name)
    return found + [statement for statement in old["statements"] if statement not in new["statements"]]


def differ(old, new):
    return {**old, "version": None} != {**new, "version": None}


class TheInterface(unittest.TestCase):
    def test_it_keeps_what_the_record_has(self):
        old, new = json.loads(RECORD.read_text()), interface_of(HEADER.read_text())
        self.assertGreater(len(new["constants"]), 40)
        self.assertGreater(len(new["structures"]), 10)
        self.assertGreater(len(new["statements"]), 50)
        if old["version"][0] == new["version"][0]:
            self.assertEqual(broken(old, new), [])
        if differ(old, new):
            self.assertGreater(new["version"][:2], old["version"][:2], "what is new needs a new minor version")


class TheCheck(unittest.TestCase):
    OLD = """enum { EIGENFORMER_A = 0 };
typedef struct s {
  uint64_t size;
  int32_t a;  ///< x
} s;
typedef struct fixed {
  float b;
} fixed;
EIGENFORMER_C_API void f(int a);
"""

    def found(self, old, new):
        return broken(interface_of(self.OLD), interface_of(self.OLD.replace(old, new)))

    def test_what_is_added_breaks_nothing(self):
        self.assertEqual(self.found("A = 0", "A = 0, EIGENFORMER_B = 1"), [])
        self.assertEqual(self.found("int32_t a;", "int32_t a;\n  int32_t b;"), [])
        self.assertEqual(self.found("x\n", "y\n"), [])

    def test_what_is_changed_breaks(self):
        self.assertEqual(self.found("A = 0", "A = 1"), ["EIGENFORMER_A"])
        self.assertEqual(self.found("int32_t a;", "int32_t b;\n  int32_t a;"), ["s"])
        self.assertEqual(self.found("float b;", "float b;\n  float c;"), ["fixed"])
        self.assertEqual(self.found("(int a)", "(long a)"), ["EIGENFORMER_C_API void f(int a);"])


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        RECORD.write_text(json.dumps(interface_of(HEADER.read_text()), indent=1) + "\n")
    else:
        unittest.main()
