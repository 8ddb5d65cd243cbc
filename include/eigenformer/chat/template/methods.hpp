// The methods of values, one table. A template's methods are checked against it when the template is compiled.
#pragma once

#include "eigenformer/chat/template/arguments.hpp"
#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct MethodEntry {
  Kind kind;  // of the value that has the method
  std::string_view name;
  std::string_view signature;                                                    // see arguments.hpp
  Value (*function)(Runtime& runtime, const Value& self, Arguments& arguments);  // null: changes its object, forbidden
};

/// The method, or null where values of that kind have none of that name.
const MethodEntry* find_method(Kind kind, std::string_view name);
/// Whether values of any kind have a method of that name.
bool is_method(std::string_view name);
/// Calls it with its arguments put in order.
Value call_method(Runtime& runtime, const MethodEntry& entry, const Value& self, Arguments& arguments);

/// The methods of one kind, for the table.
std::span<const MethodEntry> text_methods();
std::span<const MethodEntry> container_methods();

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
