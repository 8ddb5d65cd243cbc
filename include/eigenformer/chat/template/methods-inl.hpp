#pragma once

#include <algorithm>

#include "eigenformer/chat/template/methods.hpp"
#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE const MethodEntry* find_method(Kind kind, std::string_view name) {
  for (const auto table : {text_methods(), container_methods()}) {
    for (const MethodEntry& entry : table) {
      if (entry.kind == kind && entry.name == name) return &entry;
    }
  }
  return nullptr;
}

EIGENFORMER_INLINE bool is_method(std::string_view name) {
  const auto has_name = [&](const MethodEntry& entry) { return entry.name == name; };
  return std::ranges::any_of(text_methods(), has_name) || std::ranges::any_of(container_methods(), has_name);
}

EIGENFORMER_INLINE Value call_method(Runtime& runtime, const MethodEntry& entry, const Value& self,
                                     Arguments& arguments) {
  bind(runtime, entry.name, entry.signature, arguments);
  return entry.function(runtime, self, arguments);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
