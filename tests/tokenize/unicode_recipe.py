"""Writes unicode_ranges.hpp, category_ranges.hpp, normalizer_ranges.hpp and script_ranges.hpp of
include/eigenformer/tokenize/: the character classes as Hugging Face tokenizers sees them.

Run with tokenizers 0.23.3 (the version the recordings are made with); prints nothing. Every class is measured, code point
by code point, through the public Python interface, so the tables are right by construction whatever Unicode version the
library's parts were built with (regular expressions 16, char::is_numeric 17, normalization 9).
"""

import pathlib

from tokenizers import Regex, normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CLASSES_COMMENT = r"\p{L}, \p{N} and \s of Unicode 16, sorted by code point."
ROOM = pathlib.Path(__file__).parents[2] / "include/eigenformer/tokenize"


def matched(pattern):
    keep = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    text = "".join(map(chr, CODE_POINTS))
    return {ord(c) for piece, _ in keep.pre_tokenize_str(text) for c in piece}


def pieces(pre_tokenizer, count):
    return {c for c in CODE_POINTS if len(pre_tokenizer.pre_tokenize_str("a" + chr(c) + "a")) == count}


def touched_by_normalization():
    nfd, nfc, nfkd = normalizers.NFD(), normalizers.NFC(), normalizers.NFKD()
    found = set()
    for c in CODE_POINTS:
        s = chr(c)
        canonical = nfd.normalize_str(s)
        if canonical != s and len(canonical) > 1 and nfc.normalize_str(canonical) == s:
            found.add(ord(canonical[-1]))  # the second half of a composition, also where its class is 0 (Jamo vowels)
        if nfkd.normalize_str(s) != s:
            found.add(c)
        probes = ["a\u0301" + s, "a\u3099" + s, "a\u0334" + s, "a\u0345" + s, s + "\u0334", s + "\u0301"]
        if any(nfd.normalize_str(p) != p for p in probes if canonical == s):
            found.add(c)  # its combining class is not 0: it is put in order
    return found


def changed_by_composition():
    """What NFC does not leave alone: the second halves of compositions, and what it writes otherwise."""
    nfd, nfc = normalizers.NFD(), normalizers.NFC()
    found = {c for c in CODE_POINTS if nfc.normalize_str(chr(c)) != chr(c)}
    for c in CODE_POINTS:
        canonical = nfd.normalize_str(chr(c))
        if len(canonical) > 1 and nfc.normalize_str(canonical) == chr(c):
            found.add(ord(canonical[-1]))
    return found


def removed_by(normalizer):
    return {c for c in CODE_POINTS if normalizer.normalize_str("a" + chr(c)) == "a"}


def bert(**options):
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**{**off, **options})


def lower_case():
    """(first, last, step, distance): every step-th character from first to last has its small letter at that distance."""
    lower = normalizers.Lowercase()
    pairs = [(c, lower.normalize_str(chr(c))) for c in CODE_POINTS]
    pairs = [(c, ord(small)) for c, small in pairs if len(small) == 1 and ord(small) != c]
    found = []
    for c, small in pairs:
        last = found[-1] if found else None
        if last and last[3] == small - c and c - last[1] in ((1, 2) if last[0] == last[1] else (last[2],)):
            last[2], last[1] = c - last[1], c
        else:
            found.append([c, c, 1, small - c])
    return [f"{{0x{a:X}, 0x{b:X}, {step}, {distance}}}" for a, b, step, distance in found]


def scripts():
    """(first, last, number): runs of one script; 0 is that of characters that go with any other."""
    pieces_of = pre_tokenizers.UnicodeScripts().pre_tokenize_str
    goes_with = lambda a, b: len(pieces_of(chr(a) + chr(b))) == 1
    anything = {c for c in CODE_POINTS if goes_with(ord("a"), c) and goes_with(0x4EAC, c)}
    known, runs, previous = [], [], None
    for c in CODE_POINTS:
        if c in anything:
            previous = None
            continue
        if previous is not None and goes_with(previous, c):
            runs[-1][1] = c
        else:
            number = next((k for k, other in enumerate(known) if goes_with(other, c)), len(known))
            if number == len(known):
                known.append(c)
            if runs and runs[-1][2] == number + 1 and runs[-1][1] == c - 1:
                runs[-1][1] = c
            else:
                runs.append([c, c, number + 1])
        previous = c
    return [f"{{0x{a:X}, 0x{b:X}, {number}}}" for a, b, number in runs]


def ranges(code_points):
    result = []
    for c in sorted(code_points):
        if result and result[-1][1] == c - 1:
            result[-1][1] = c
        else:
            result.append([c, c])
    return result


def table(kind, name, comment, entries):
    lines, line = [f"// {comment}", f"inline constexpr {kind} {name}[] = {{"], "   "
    for entry in entries:
        if len(line) + len(entry) + 2 > 118:
            lines.append(line)
            line = "   "
        line += " " + entry + ","
    return "\n".join(lines + [line, "};"])


def plain(code_points):
    return [f"{{0x{a:X}, 0x{b:X}}}" for a, b in ranges(code_points)]


def write_categories():
    comments = {
        "capital": (r"[\p{Lu}\p{Lt}]", "Letters that are capitals, or begin with one."),
        "small": (r"\p{Ll}", "Small letters. Letters in neither table have no case."),
        "any_mark": (r"\p{M}", "Marks, as patterns see them (Unicode 16)."),
        "sign": (r"[\p{P}\p{S}]", "Punctuation and symbols."),
    }
    tables = [table("CodePointRange", f"k_{name}_ranges", comment, plain(matched(pattern)))
              for name, (pattern, comment) in comments.items()]
    tables.append(table("CodePointRange", "k_recomposed_ranges",
                        "What NFC may change although the marks around it stand in order.",
                        plain(changed_by_composition())))
    text = "\n\n".join(tables)
    (ROOM / "category_ranges.hpp").write_text(f"""// Tables, written by tests/tokenize/unicode_recipe.py and exempt from the line cap: what is asked beyond a class.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/unicode_ranges.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {{

// clang-format off
{text}
// clang-format on

}}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
""")


write_categories()
letters, numbers, spaces = matched(r"\p{L}"), matched(r"\p{N}"), matched(r"\s")
numeric = pieces(pre_tokenizers.Digits(individual_digits=True), 3)
classes = sorted(
    (a, b, name)
    for name, found in (("letter", letters), ("number", numbers), ("space", spaces))
    for a, b in ranges(found)
)
text = f"""// Tables, written by tests/tokenize/unicode_recipe.py and exempt from the line cap: character classes by code point.
#pragma once

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {{

/// What a pre-tokenizer's pattern asks about a character.
enum class CharacterClass : unsigned char {{ other, letter, number, space }};

struct ClassRange {{
  char32_t first, last;
  CharacterClass character_class;
}};

struct CodePointRange {{
  char32_t first, last;
}};

// clang-format off
{table("ClassRange", "k_class_ranges", CLASSES_COMMENT,
       [f"{{0x{a:X}, 0x{b:X}, CharacterClass::{name}}}" for a, b, name in classes])}

{table("CodePointRange", "k_numeric_extra_ranges", "What char::is_numeric (Unicode 17) has beyond the numbers above.",
       plain(numeric - numbers))}

{table("CodePointRange", "k_word_ranges", "Word characters: alphabetic, marks, decimal digits, connectors, joiners.",
       plain(pieces(pre_tokenizers.Whitespace(), 1)))}

{table("CodePointRange", "k_punctuation_ranges", "Punctuation: every P* category and all of ASCII's.",
       plain(pieces(pre_tokenizers.Punctuation("isolated"), 3)))}

{table("CodePointRange", "k_normalization_ranges",
       "What a normalization form may change: the characters of Unicode 9 that decompose, reorder or compose backwards.",
       plain(touched_by_normalization()))}
// clang-format on

}}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
"""
(ROOM / "unicode_ranges.hpp").write_text(text)
text = f"""// Tables, written by tests/tokenize/unicode_recipe.py and exempt from the line cap: what normalizers ask of characters.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/unicode_ranges.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {{

/// Every `step`-th character from `first` to `last` has its small letter `distance` further on.
struct CaseRange {{
  char32_t first, last;
  unsigned char step;
  int distance;
}};

// clang-format off
{table("CodePointRange", "k_removed_ranges", "What BERT's clean_text removes: control characters, U+0000 and U+FFFD.",
       plain(removed_by(bert(clean_text=True))))}

{table("CodePointRange", "k_ideograph_ranges", "What BERT's handle_chinese_chars puts between spaces.",
       plain(c for c in CODE_POINTS if bert(handle_chinese_chars=True).normalize_str(chr(c)) == f" {chr(c)} "))}

{table("CodePointRange", "k_nonspacing_ranges", "Marks that take no space (Mn), which BERT's strip_accents removes.",
       plain(removed_by(bert(strip_accents=True))))}

{table("CodePointRange", "k_mark_ranges", "Marks of every kind, which StripAccents removes.",
       plain(removed_by(normalizers.StripAccents())))}

{table("CaseRange", "k_lower_ranges", "Simple lower case (char::to_lowercase, Unicode 17) but for U+0130, which becomes two characters.",
       lower_case())}
// clang-format on

}}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
"""
(ROOM / "normalizer_ranges.hpp").write_text(text)
text = f"""// A table, written by tests/tokenize/unicode_recipe.py and exempt from the line cap: scripts by code point.
#pragma once

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {{

struct ScriptRange {{
  char32_t first, last;
  unsigned char script;  ///< a number; 0, that of characters in no range, goes with any other
}};

// clang-format off
{table("ScriptRange", "k_script_ranges", "Scripts as the pre-tokenizer UnicodeScripts tells them apart.", scripts())}
// clang-format on

}}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
"""
(ROOM / "script_ranges.hpp").write_text(text)
