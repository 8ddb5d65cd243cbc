// The functions that every template can call by name: range, namespace, raise_exception and so on.
#pragma once

#include "eigenformer/chat/template/arguments.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct FunctionEntry {
  std::string_view name;
  std::string_view signature;  // see arguments.hpp
  Value (*function)(Runtime& runtime, Arguments& arguments);
};

/// The function of that name as a value; none where there is no such function. strftime_now is there when the host has
/// passed the time, so that a template's own remedy ("if strftime_now is defined") works.
std::optional<Value> global_function(const Runtime& runtime, std::string_view name);
/// Whether a template may call it.
bool is_function(std::string_view name);
Value call_function(Runtime& runtime, const Value& function, Arguments& arguments);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
