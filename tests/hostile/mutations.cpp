#include "tests/hostile/mutations.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>
#include <stdexcept>
#include <utility>

namespace eigenformer_tests::hostile {

namespace {

constexpr std::uint64_t k_edges[] = {0,
                                     1,
                                     0x7F,
                                     0x80,
                                     0xFF,
                                     0x100,
                                     0x7FFF,
                                     0x8000,
                                     0xFFFF,
                                     0x10000,
                                     0x1000000,
                                     0x7FFFFFFF,
                                     0x80000000,
                                     0xFFFFFFFF,
                                     0x100000000,
                                     std::uint64_t{1} << 62U,
                                     0x7FFFFFFFFFFFFFFF,
                                     0x8000000000000000,
                                     0xFFFFFFFFFFFFFFFF};

std::string little_endian_bytes(std::uint64_t value, std::size_t width) {
  std::string bytes;
  for (std::size_t i = 0; i < width; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

std::string varint_bytes(std::uint64_t value) {
  std::string bytes;
  for (; value > 0x7F; value >>= 7U) bytes.push_back(static_cast<char>(value | 0x80U));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

std::uint64_t varint_value(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i]) & 0x7FU) << (7 * i);
  }
  return value;
}

/// The edges, the neighbours of what is there, and those of the file's size.
std::vector<std::uint64_t> edges_around(std::uint64_t value, std::uint64_t file_bytes) {
  std::vector<std::uint64_t> edges(std::begin(k_edges), std::end(k_edges));
  edges.insert(edges.end(), {value - 1, value + 1, file_bytes - 1, file_bytes, file_bytes + 1});
  return edges;
}

/// Numbers as JSON and templates write them, some of them beyond what either allows.
std::vector<std::string> numeral_edges(std::string_view numeral, std::size_t file_bytes) {
  std::vector<std::string> edges = {"0",
                                    "-0",
                                    "1",
                                    "-1",
                                    "127",
                                    "128",
                                    "255",
                                    "256",
                                    "32768",
                                    "65535",
                                    "65536",
                                    "16777216",
                                    "2147483647",
                                    "2147483648",
                                    "-2147483649",
                                    "4294967295",
                                    "4294967296",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "-9223372036854775808",
                                    "18446744073709551615",
                                    "18446744073709551616",
                                    "0.5",
                                    "1e400",
                                    "-1e400",
                                    "1e-400",
                                    "NaN",
                                    std::to_string(file_bytes - 1),
                                    std::to_string(file_bytes),
                                    std::to_string(file_bytes + 1)};
  const bool is_whole = numeral.size() < 18 && numeral.find_first_not_of("-0123456789") == std::string_view::npos;
  if (is_whole) {
    const long long value = std::stoll(std::string(numeral));
    edges.insert(edges.end(), {std::to_string(value - 1), std::to_string(value + 1)});
  }
  return edges;
}

bool is_numeral(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Every boundary value of a part, without the one that is there; none where it is no integer.
std::set<std::string> boundary_values(const Seed& seed, const Part& part) {
  const std::string there = seed.bytes.substr(part.begin, part.end - part.begin);
  std::set<std::string> values;
  if (part.kind == PartKind::integer) {
    const std::uint64_t value = little_endian(there, 0, there.size());
    for (const std::uint64_t edge : edges_around(value, seed.bytes.size())) {
      const std::string bytes = little_endian_bytes(edge, there.size());
      const bool fits = little_endian(bytes, 0, bytes.size()) == edge || edge == ~std::uint64_t{0};
      if (fits) values.insert(bytes);
    }
  } else if (part.kind == PartKind::varint) {
    for (const std::uint64_t edge : edges_around(varint_value(there), seed.bytes.size())) {
      values.insert(varint_bytes(edge));
    }
    values.insert(std::string(11, '\xFF') + '\x01');
  } else if (part.kind == PartKind::json_number || (part.kind == PartKind::token && is_numeral(there))) {
    const std::vector<std::string> edges = numeral_edges(there, seed.bytes.size());
    values.insert(edges.begin(), edges.end());
  }
  values.erase(there);
  return values;
}

// ---- what is put in place of a part at random

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t limit) {
  return static_cast<std::size_t>(random() % std::max<std::size_t>(limit, 1));
}

template <class List>
std::string one_of(Random& random, const List& list) {
  return std::string(list[below(random, std::size(list))]);
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (; times > 0; --times) text += piece;
  return text;
}

const std::string k_hostile_texts[] = {"",
                                       std::string(1, '\0'),
                                       "\xFF",
                                       "\xC0\x80",
                                       "\xED\xA0\x80",
                                       "\xF4\x90\x80\x80",
                                       "a\xE2\x96",
                                       "<0x-1>",
                                       "<0x1G>",
                                       "<0x100>",
                                       "<0xFF>",
                                       "../../etc/passwd",
                                       "/dev/zero",
                                       "model.safetensors\n",
                                       "%s%n",
                                       "</s>",
                                       "<s>",
                                       "\xE2\x96\x81",
                                       "\xC4\xA0",
                                       "##",
                                       "[UNK]",
                                       "\xF0\x9F\xA6\x8A\xE2\x80\x8D",
                                       "e\xCC\x81\xCC\x81\xCC\x81",
                                       "(a+)+$",
                                       "(?:(?:(?:a*)*)*)*b",
                                       "[\\p{L}",
                                       "nan",
                                       "BPE",
                                       "F8_E5M2",
                                       "I64",
                                       "U8",
                                       "yarn",
                                       "longrope",
                                       "dynamic"};
constexpr std::string_view k_hostile_escapes[] = {"\\ud800",
                                                  "\\udc00\\ud800",
                                                  "\\u0000",
                                                  "\\u12",
                                                  "\\x41",
                                                  "\\",
                                                  "\\\"",
                                                  "\"",
                                                  "\\ud83e\\udd8a",
                                                  "\xE2\x96\x81"
                                                  "a",
                                                  "\t",
                                                  "\\/",
                                                  "\xEF\xBF\xBF"};
constexpr std::string_view k_hostile_values[] = {"null",
                                                 "true",
                                                 "false",
                                                 "[]",
                                                 "{}",
                                                 "\"\"",
                                                 "-1",
                                                 "1e400",
                                                 "[0]",
                                                 "[null]",
                                                 "[[1,2],[3]]",
                                                 "{\"a\":1}",
                                                 "{\"a\":1,\"a\":2}",
                                                 "\"x\"",
                                                 "NaN",
                                                 "Infinity",
                                                 "[1,]",
                                                 "\"Sequence\"",
                                                 "[18446744073709551615]",
                                                 "[-1,-1]",
                                                 "[0,0]"};
constexpr std::string_view k_hostile_tokens[] = {"{{",
                                                 "}}",
                                                 "{%",
                                                 "%}",
                                                 "{#",
                                                 "-%}",
                                                 "(",
                                                 ")",
                                                 "[",
                                                 "]",
                                                 "|",
                                                 "'",
                                                 "\"",
                                                 "\\u12",
                                                 " not ",
                                                 " is ",
                                                 " in ",
                                                 "loop",
                                                 "messages",
                                                 "**",
                                                 "~",
                                                 "%",
                                                 "//",
                                                 ":",
                                                 ",",
                                                 ".",
                                                 "*",
                                                 "\xFF",
                                                 "\xE4\xB8",
                                                 "{% endfor %}",
                                                 "{% if 1 %}",
                                                 "{% macro m(a) %}{{ m(a) }}{% endmacro %}",
                                                 "range(10**9)",
                                                 "range(9)",
                                                 "none",
                                                 "|tojson",
                                                 "|map('upper')",
                                                 "recursive",
                                                 "loop(messages)",
                                                 "namespace(a=messages)",
                                                 "{% set x = x ~ x %}",
                                                 "{% for i in range(99) %}",
                                                 "'x' * 99999999",
                                                 ".__class__",
                                                 "|join(messages)",
                                                 "[::-1]",
                                                 "|indent(2000000000)",
                                                 "'%99999999d' % 1",
                                                 "|batch(1)",
                                                 "raise_exception('x')"};

/// Another part of the same seed, if it has one of that kind.
std::string another(const Seed& seed, PartKind kind, Random& random) {
  for (int tries = 0; tries < 12; ++tries) {
    const Part& part = seed.parts[below(random, seed.parts.size())];
    if (part.kind == kind) return seed.bytes.substr(part.begin, part.end - part.begin);
  }
  return {};
}

std::string changed_bytes(std::string text, Random& random) {
  const std::size_t at = below(random, text.size());
  switch (below(random, 5)) {
    case 0:
      if (!text.empty()) text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << below(random, 8)));
      break;
    case 1:
      if (!text.empty()) text[at] = static_cast<char>(random());
      break;
    case 2: text.erase(at, 1 + below(random, 8)); break;
    case 3: text.insert(at, text.substr(below(random, text.size()), 1 + below(random, 16))); break;
    default: text.insert(at, 1, static_cast<char>(random()));
  }
  return text;
}

std::string changed_text(const Seed& seed, const std::string& there, Random& random) {
  switch (below(random, 8)) {
    case 0: return one_of(random, k_hostile_texts);
    case 1: return there + one_of(random, k_hostile_texts);
    case 2: return another(seed, PartKind::text, random);
    case 3: return below(random, 20) == 0 ? std::string(100'000, 'a') : repeated(there, 3);
    case 4: return there.substr(0, there.size() / 2);
    default: return changed_bytes(there, random);
  }
}

std::string changed_json_text(const Seed& seed, const std::string& there, Random& random) {
  switch (below(random, 6)) {
    case 0: return one_of(random, k_hostile_escapes);
    case 1: return there + one_of(random, k_hostile_escapes);
    case 2: return another(seed, PartKind::json_text, random);
    case 3: return below(random, 20) == 0 ? std::string(100'000, 'a') : one_of(random, k_hostile_texts);
    default: return changed_bytes(there, random);
  }
}

std::string changed_json_value(const Seed& seed, const std::string& there, Random& random) {
  switch (below(random, 6)) {
    case 0: return "[" + there + "]";
    case 1: return "{\"type\":" + there + "}";
    case 2: return another(seed, PartKind::json_value, random);
    case 3: {
      const std::size_t depth = below(random, 2) == 0 ? 62 + below(random, 4) : 1000 * (1 + below(random, 30));
      return std::string(depth, '[') + there + std::string(depth, ']');
    }
    case 4: return "\"" + there.substr(0, there.find('"')) + "\"";
    default: return one_of(random, k_hostile_values);
  }
}

std::string changed_token(const Seed& seed, const std::string& there, Random& random) {
  switch (below(random, 6)) {
    case 0: return {};
    case 1: return there + there;
    case 2: return there + another(seed, PartKind::token, random);
    case 3: return another(seed, PartKind::token, random);
    case 4: return changed_bytes(there, random);
    default: return there + one_of(random, k_hostile_tokens);
  }
}

std::string changed_member(const Seed& seed, const std::string& there, Random& random) {
  switch (below(random, 3)) {
    case 0: return there + "," + there;
    case 1: return another(seed, PartKind::json_member, random);
    default: return there + "," + another(seed, PartKind::json_member, random);
  }
}

std::string changed_part(const Seed& seed, const Part& part, Random& random) {
  const std::string there = seed.bytes.substr(part.begin, part.end - part.begin);
  const auto boundary = [&] {
    const std::set<std::string> values = boundary_values(seed, part);
    return *std::next(values.begin(), static_cast<std::ptrdiff_t>(below(random, values.size())));
  };
  switch (part.kind) {
    case PartKind::varint:
    case PartKind::json_number: return boundary();
    case PartKind::integer:
      if (below(random, 2) == 0) return boundary();
      return little_endian_bytes(
          little_endian(there, 0, there.size()) ^ (std::uint64_t{1} << below(random, 8 * there.size())), there.size());
    case PartKind::text: return changed_text(seed, there, random);
    case PartKind::code:
      if (below(random, 4) != 0) return another(seed, PartKind::code, random);
      return std::string(1, static_cast<char>(random()));
    case PartKind::json_text: return changed_json_text(seed, there, random);
    case PartKind::json_value: return changed_json_value(seed, there, random);
    case PartKind::json_member: return changed_member(seed, there, random);
    case PartKind::token: return changed_token(seed, there, random);
  }
  return there;
}

// ---- changes of a file

struct Change {
  std::size_t begin, end;
  std::string bytes;
  std::vector<LengthField> lengths;
  bool is_of_structure;
};

bool is_in_a_part(const Seed& seed, std::size_t at) {
  return std::any_of(seed.parts.begin(), seed.parts.end(),
                     [&](const Part& part) { return part.begin <= at && at < part.end; });
}

/// A member that is taken away takes a comma with it.
Change removed_member(const Seed& seed, const Part& part) {
  Change change{part.begin, part.end, {}, part.lengths, true};
  if (change.end < seed.bytes.size() && seed.bytes[change.end] == ',') {
    ++change.end;
  } else if (change.begin > 0 && seed.bytes[change.begin - 1] == ',') {
    --change.begin;
  }
  return change;
}

/// Any part; what says how long others are is taken half as often, because little is read behind it when it is wrong.
const Part& part_at_random(const Seed& seed, Random& random) {
  const Part& part = seed.parts[below(random, seed.parts.size())];
  const bool is_frame = part.kind == PartKind::varint || part.kind == PartKind::code;
  return is_frame && below(random, 2) == 0 ? seed.parts[below(random, seed.parts.size())] : part;
}

Change change_of_structure(const Seed& seed, Random& random) {
  const Part& part = part_at_random(seed, random);
  if (part.kind == PartKind::json_member && below(random, 2) == 0) return removed_member(seed, part);
  // three of four changes keep the lengths that they stand under true
  return {part.begin, part.end, changed_part(seed, part, random),
          below(random, 4) == 0 ? std::vector<LengthField>{} : part.lengths, true};
}

Change change_anywhere(const Seed& seed, Random& random) {
  const std::size_t size = seed.bytes.size();
  const std::size_t at = below(random, size);
  std::size_t end = std::min(size, at + 1 + below(random, 16));
  if (below(random, 8) == 0) end = size;  // cut short
  std::string bytes;
  switch (below(random, 4)) {
    case 0: break;
    case 1: bytes = seed.bytes.substr(at, end - at) + seed.bytes.substr(at, std::min<std::size_t>(64, end - at)); break;
    case 2:
      bytes = little_endian_bytes(k_edges[below(random, std::size(k_edges))], below(random, 2) == 0 ? 4 : 8);
      break;
    default: bytes = changed_bytes(seed.bytes.substr(at, end - at), random);
  }
  return {at, end, std::move(bytes), {}, is_in_a_part(seed, at)};
}

/// Adds to a length what a change has added to what it counts, where that can be said.
void correct(std::string& bytes, const LengthField& length, std::ptrdiff_t more) {
  const auto value = static_cast<std::ptrdiff_t>(little_endian(bytes, length.begin, length.width)) + more;
  const bool fits = value >= 0 && (length.width != 1 || value < 0x80);
  if (fits)
    bytes.replace(length.begin, length.width, little_endian_bytes(static_cast<std::uint64_t>(value), length.width));
}

/// Keeps what lies behind a directory that has grown at a multiple of 32.
void pad(std::string& bytes, const Seed& seed, std::ptrdiff_t more) {
  const auto padding = [](std::size_t end) { return (32 - end % 32) % 32; };
  const auto end = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(seed.directory_end) + more);
  if (end > bytes.size()) return;
  bytes.replace(end, std::min(padding(seed.directory_end), bytes.size() - end), padding(end), '\0');
}

/// Makes the changes, the last one in the file first, so that the places of the others stay.
Mutant changed(const Seed& seed, std::vector<Change> changes) {
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.begin > b.begin; });
  Mutant mutant{.seed = &seed, .bytes = seed.bytes};
  std::size_t untouched = seed.bytes.size();
  std::ptrdiff_t more_before_end = 0;
  for (const Change& change : changes) {
    if (change.end > untouched) continue;
    untouched = change.begin;
    mutant.bytes.replace(change.begin, change.end - change.begin, change.bytes);
    const auto more =
        static_cast<std::ptrdiff_t>(change.bytes.size()) - static_cast<std::ptrdiff_t>(change.end - change.begin);
    if (change.begin < seed.directory_end) more_before_end += more;
    for (const LengthField& length : change.lengths) {
      if (length.begin + length.width <= change.begin) correct(mutant.bytes, length, more);
    }
    ++mutant.changes;
    if (change.is_of_structure) ++mutant.changes_of_structure;
  }
  if (more_before_end != 0) pad(mutant.bytes, seed, more_before_end);
  return mutant;
}

}  // namespace

Mutations::Mutations(std::vector<Seed> seeds, std::uint64_t number) : seeds_(std::move(seeds)), number_(number) {
  for (std::size_t s = 0; s < seeds_.size(); ++s) {
    if (seeds_[s].boundaries == Seed::Boundaries::none) continue;
    for (std::size_t p = 0; p < seeds_[s].parts.size(); ++p) {
      for (const std::string& value : boundary_values(seeds_[s], seeds_[s].parts[p])) {
        boundaries_.push_back({s, p, value});
      }
    }
  }
  if (boundaries_.size() > k_most_boundaries) {
    throw std::logic_error("the seeds have " + std::to_string(boundaries_.size()) + " boundary values");
  }
}

Mutant Mutations::make(std::size_t number) const {
  const std::size_t place = number * 7919 % k_count;  // a prime: every place once, the first thousand everywhere
  return place < boundaries_.size() ? with_boundary(boundaries_[place]) : at_random(number);
}

Mutant Mutations::with_boundary(const Boundary& boundary) const {
  const Seed& seed = seeds_[boundary.seed];
  const Part& part = seed.parts[boundary.part];
  Mutant mutant = changed(seed, {{part.begin, part.end, boundary.value, part.lengths, true}});
  mutant.is_boundary = true;
  return mutant;
}

Mutant Mutations::at_random(std::size_t number) const {
  Random random(number_ << 32U | number);
  const Seed& seed = seeds_[below(random, seeds_.size())];
  std::vector<Change> changes;
  constexpr std::size_t k_changes[] = {1, 1, 1, 2, 2, 3};
  for (std::size_t count = k_changes[below(random, std::size(k_changes))]; count > 0; --count) {
    changes.push_back(below(random, 10) == 0 ? change_anywhere(seed, random) : change_of_structure(seed, random));
  }
  return changed(seed, std::move(changes));
}

}  // namespace eigenformer_tests::hostile
