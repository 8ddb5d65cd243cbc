// What Python's str does, on text with provenance. The methods and the filters of templates are made of these.
#pragma once

#include <optional>
#include <string_view>

#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

enum class Side : std::uint8_t { left, right, both };

/// Where `wanted` first stands in `bytes` from `begin` on, or npos. Charges for what is compared, since the time of a
/// search may grow with the product of both lengths; who calls it charges for the bytes that are passed over.
std::size_t find_part(Runtime& runtime, std::string_view bytes, std::string_view wanted, std::size_t begin = 0);
/// Where it last stands before `end`.
std::size_t find_last_part(Runtime& runtime, std::string_view bytes, std::string_view wanted,
                           std::size_t end = std::string_view::npos);

/// The text without the characters of `characters` (without white space, where it is null) at its ends.
Value strip(Runtime& runtime, const Text& text, const Text* characters, Side side);

struct SplitOptions {
  const Text* separator = nullptr;  // null: runs of white space
  std::int64_t limit = -1;          // at most so many splits; negative: no limit
  bool from_right = false;
};
std::vector<Value> split(Runtime& runtime, const Text& text, const SplitOptions& options);
std::vector<Value> split_lines(Runtime& runtime, const Text& text, bool keep_ends);

struct Replacement {
  const Text& from;
  const Text& to;
  std::int64_t limit = -1;
};
Value replace(Runtime& runtime, const Text& text, const Replacement& replacement);

enum class Case : std::uint8_t { upper, lower, folded, swapped, title, capitalized };
Value change_case(Runtime& runtime, const Text& text, Case to);
/// The same of bytes [begin, end) alone, at the end of `out`.
void append_case(const Text& text, ByteSpan span, Case to, TextBuilder& out);

/// Puts the text between fillers, so that it has `width` characters. Side::both centres it.
struct Padding {
  std::int64_t width = 0;
  Side filled = Side::both;
  char32_t filler = ' ';
  Provenance of_filler = Provenance::trusted;
};
Value pad(Runtime& runtime, const Text& text, const Padding& padding);

/// `text` repeated.
Value repeat(Runtime& runtime, const Text& text, std::int64_t count);
/// `separator.join(items)`; `convert` for the filter `join`, which takes items that are no texts.
struct JoinOptions {
  const Text& separator;
  bool convert = false;
};
Value join(Runtime& runtime, const Value& items, const JoinOptions& options);
/// The text with & < > ' and " replaced for HTML, marked as escaped.
Value escape_html(Runtime& runtime, const Value& value);

/// Whether there is at least one character and `is` holds for all of them.
bool all_characters(Runtime& runtime, const Text& text, bool (*is)(char32_t));
/// Python's islower and isupper: some character has a case, and none has the other.
bool has_only_case(Runtime& runtime, const Text& text, Case which);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
