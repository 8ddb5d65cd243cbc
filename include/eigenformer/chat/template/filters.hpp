// The filters of templates ({{ value|name(arguments) }}), one table.
#pragma once

#include "eigenformer/chat/template/arguments.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct FilterEntry {
  std::string_view name;
  std::string_view signature;  // see arguments.hpp
  Value (*function)(Runtime& runtime, const Value& value, Arguments& arguments);
};

/// The filter of that name, or null.
const FilterEntry* find_filter(std::string_view name);
/// `value|name(arguments)`
Value call_filter(Runtime& runtime, const FilterEntry& entry, const Value& value, Arguments& arguments);

/// The parts of the table.
std::span<const FilterEntry> text_filters();
std::span<const FilterEntry> list_filters();
std::span<const FilterEntry> selecting_filters();
std::span<const FilterEntry> value_filters();

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
