// JSON text under limits: bounded size and depth, no key twice, numbers independent of the locale, errors of ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

struct JsonLimits {
  std::uint64_t bytes = std::uint64_t{4} << 20U;
  int depth = 64;
};

/// The value. FormatError "format.json_size", "format.json_depth", "format.json_key_twice" or "format.json_syntax",
/// with the byte. Nothing of nlohmann's is thrown.
Json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits = {});

/// The same for text of which something is taken where it is well-formed; null where parse_json has an error.
Json parse_json_or_null(std::string_view text, const JsonLimits& limits = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/json-inl.hpp"
#endif
