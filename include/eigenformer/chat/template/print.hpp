// Values as text: Python's str() and repr(), and json.dumps.
#pragma once

#include <optional>

#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// A number as Python prints it: the shortest digits that read back as the same number, "1e+16" from 10^16 on.
std::string python_float(double value);

/// str(value) at the end of `out`.
void append_text(Runtime& runtime, const Value& value, TextBuilder& out);
/// str(value)
Value to_text(Runtime& runtime, const Value& value);
/// repr(value) at the end of `out`.
void append_repr(Runtime& runtime, const Value& value, TextBuilder& out, std::size_t depth = 0);
/// The same with everything that is not ASCII escaped: Python's ascii().
void append_ascii(Runtime& runtime, const Value& value, TextBuilder& out);

/// The arguments of json.dumps that the filter `tojson` passes on.
struct JsonLayout {
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::optional<std::string> indent;  // what one level is indented by; without it all stands on one line
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};

/// json.dumps(value). All of what a string or container from content gives is content.
void append_json(Runtime& runtime, const Value& value, const JsonLayout& layout, TextBuilder& out,
                 std::size_t level = 0);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
