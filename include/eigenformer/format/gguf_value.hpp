// One value of GGUF metadata.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// The value types of GGUF, by their numbers in the file.
enum class GgufType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

/// The name that messages show: "u32", "array".
std::string_view gguf_type_name(GgufType type);

/// An array as it lies in the file, checked to be well formed: a vocabulary is turned into strings only when it is
/// asked for.
struct GgufArray {
  GgufType element = GgufType::u8;
  std::uint64_t count = 0;
  std::vector<std::byte> bytes;
};

/// Whole numbers up to 64 bits are kept as i64, those of type u64 beyond it as u64; f32 is widened.
struct GgufValue {
  GgufType type = GgufType::u8;
  std::variant<std::int64_t, std::uint64_t, double, bool, std::string, GgufArray> value;
};

/// Metadata in the file's order.
using GgufMetadata = std::vector<std::pair<std::string, GgufValue>>;

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/gguf_value-inl.hpp"
#endif
