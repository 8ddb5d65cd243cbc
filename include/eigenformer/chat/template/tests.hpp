// The tests of templates ({{ value is name(arguments) }}), one table.
#pragma once

#include "eigenformer/chat/template/arguments.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

struct TestEntry {
  std::string_view name;
  std::string_view signature;  // see arguments.hpp
  bool (*function)(Runtime& runtime, const Value& value, Arguments& arguments);
};

/// The test of that name, or null.
const TestEntry* find_test(std::string_view name);
/// `value is name(arguments)`
bool call_test(Runtime& runtime, const TestEntry& entry, const Value& value, Arguments& arguments);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
