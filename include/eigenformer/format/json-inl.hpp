#pragma once

#include "eigenformer/format/json.hpp"
#include "eigenformer/format/json_builder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE Json parse_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  check_json_size(text.size(), limits.bytes, where);
  JsonBuilder builder(where, limits.depth);
  run_json_events(text, builder);
  return builder.take();
}

EIGENFORMER_INLINE Json parse_json_or_null(std::string_view text, const JsonLimits& limits) {
  try {
    return parse_json(text, {}, limits);
  } catch (const FormatError&) {
    return {};
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
