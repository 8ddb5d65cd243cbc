"""Writes include/eigenformer/tokenize/grapheme_ranges.hpp: what Hugging Face tokenizers takes for one grapheme.

Run with tokenizers 0.23.3 (the version the recordings are made with); prints nothing. Its normalizer "Precompiled" looks
up graphemes of fewer than six bytes as a whole and drops what follows the source it finds, so that with the right
sources a result tells where a grapheme ends. Hangul is not measured: its classes are ranges of code points that do not
change (https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundary_Rules).
"""

import pathlib

from charsmap import compiled
from tokenizers import normalizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TARGET = pathlib.Path(__file__).parents[2] / "include/eigenformer/tokenize/grapheme_ranges.hpp"
MARK, ZWJ = "\u0301", "\u200d"


def normalizer(rules):
    return normalizers.Precompiled(compiled(rules))


def where(test):
    return {c for c in CODE_POINTS if test(chr(c))}


def classes():
    plain, sign = normalizer({"a": "X"}), normalizer({"©": "X"})
    joins = where(lambda c: c != "a" and plain.normalize_str("a" + c) == "X")
    # What is joined to the letter behind it makes that letter keep its source, and with it the mark.
    prepend = where(lambda c: plain.normalize_str(c + "a" + MARK).endswith("X" + MARK))
    # After a sign and a joiner a picture is joined, and the sign then looked up alone.
    pictures = where(lambda c: sign.normalize_str("©" + ZWJ + c) in ("X" + ZWJ + c, "X" + ZWJ + "X")) - joins
    emoji = where(lambda c: ord(c) in joins and sign.normalize_str("©" + c + ZWJ + "©" + MARK).endswith("X" + MARK))
    # After a letter with virama a consonant is joined, and keeps its mark.
    indic = [c for c in CODE_POINTS if 0x900 <= c < 0x1100 or 0x1700 <= c < 0x1C00 or 0xA800 <= c < 0xAC00]
    letters = normalizer({chr(c): "Y" for c in indic if c not in joins})
    keeps_mark = lambda text: letters.normalize_str("क" + text + MARK).endswith("Y" + MARK)
    consonants = {c for c in indic if c not in joins and keeps_mark("\u094d" + chr(c))}
    linkers = {c for c in joins if keeps_mark(chr(c) + "त")}
    conjunct = {c for c in joins if keeps_mark("\u094d" + chr(c) + "त")}
    # After a letter that is joined to everything behind it, a control stands alone. Of four bytes none makes a difference.
    number_sign = normalizer({"\u0600": "X"})
    controls = where(lambda c: number_sign.normalize_str("\u0600" + c) == "X" + c) - set(range(0x10000, 0x110000))
    return {
        "joins": joins,
        "emoji": emoji,
        "conjunct": conjunct,
        "linker": linkers,
        "consonant": consonants,
        "picture": pictures,
        "prepend": prepend,
        "control": controls,
    }


def flag_ranges(sets):
    """[first, last, flags] of the code points that are in any of the sets."""
    result = []
    for c in sorted(set().union(*sets.values())):
        flags = " | ".join(f"k_{name}" for name, found in sets.items() if c in found)
        if result and result[-1][1] == c - 1 and result[-1][2] == flags:
            result[-1][1] = c
        else:
            result.append([c, c, flags])
    return result


def wrapped(entries):
    lines = ["   "]
    for entry in entries:
        if len(lines[-1]) + len(entry) + 2 > 118:
            lines.append("   ")
        lines[-1] += " " + entry + ","
    return "\n".join(lines)


if __name__ == "__main__":
    sets = classes()
    entries = [f"{{0x{a:X}, 0x{b:X}, {flags}}}" for a, b, flags in flag_ranges(sets)]
    names = "\n".join(f"inline constexpr unsigned char k_{name} = {1 << k};" for k, name in enumerate(sets))
    TARGET.write_text(f"""// Tables, written by tests/tokenize/grapheme_recipe.py and exempt from the line cap: where graphemes end.
#pragma once

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {{

namespace grapheme_detail {{

struct FlagRange {{
  char32_t first, last;
  unsigned char flags;
}};

// Joined to what stands before; kept in an emoji sequence; kept in a conjunct, what makes one, a consonant of one; a
// picture; joined to what stands behind; never joined.
{names}

// clang-format off
inline constexpr FlagRange k_flag_ranges[] = {{
{wrapped(entries)}
}};
// clang-format on

}}  // namespace grapheme_detail

}}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
""")
