// Python's two ways to fill values into a text: "%s is %d" % (a, b) and "{} is {}".format(a, b).
#pragma once

#include "eigenformer/chat/template/arguments.hpp"
#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// `text % value`: a tuple gives one value a place, an object gives them by name, anything else is the one value.
Value format_percent(Runtime& runtime, const Text& text, const Value& value);
/// text.format(arguments)
Value format_braces(Runtime& runtime, const Text& text, const Arguments& arguments);

/// How one value is laid out: [[fill]align][sign][#][0][width][grouping][.precision][type].
struct FormatSpec {
  char32_t fill = ' ';
  Provenance of_fill = Provenance::trusted;
  char align = 0;  // '<', '>', '^', '='; 0: by the kind of value
  char sign = 0;   // '+', '-' or ' '; 0: as '-'
  bool alternate = false;
  bool zero = false;  // padded with zeros, because a zero stands before the width
  char grouping = 0;
  std::int64_t width = 0;
  std::int64_t precision = -1;
  char type = 0;
};

/// A number as the type of `spec` says, with sign and grouping, without padding: "1,024", "0x1f", "1.50", "2e+10".
std::string format_number(Runtime& runtime, const Value& value, const FormatSpec& spec);
/// The body between its fillers. `body` is a number where the padding may stand after its sign.
void append_padded(const Text& body, const FormatSpec& spec, std::int64_t width_of_body, TextBuilder& out);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
