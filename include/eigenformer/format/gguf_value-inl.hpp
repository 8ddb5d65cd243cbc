#pragma once

#include <array>

#include "eigenformer/format/gguf_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE std::string_view gguf_type_name(GgufType type) {
  constexpr std::array<std::string_view, 13> names = {"u8",   "i8",   "u16",   "i16", "u32", "i32", "f32",
                                                      "bool", "text", "array", "u64", "i64", "f64"};
  const auto number = static_cast<std::size_t>(type);
  return number < names.size() ? names[number] : "unknown";
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
