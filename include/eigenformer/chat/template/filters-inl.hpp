#pragma once

#include "eigenformer/chat/template/filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE const FilterEntry* find_filter(std::string_view name) {
  for (const auto table : {text_filters(), list_filters(), selecting_filters(), value_filters()}) {
    for (const FilterEntry& entry : table) {
      if (entry.name == name) return &entry;
    }
  }
  return nullptr;
}

EIGENFORMER_INLINE Value call_filter(Runtime& runtime, const FilterEntry& entry, const Value& value,
                                     Arguments& arguments) {
  bind(runtime, entry.name, entry.signature, arguments);
  return entry.function(runtime, value, arguments);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
