#pragma once

#include "eigenformer/format/json.hpp"
#include "eigenformer/format/json_builder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE nlohmann::json parse_json(std::string_view text, const std::string& where,
                                             const JsonLimits& limits) {
  check_json_size(text.size(), limits.bytes, where);
  JsonBuilder builder(where, limits.depth);
  run_json_events(text, builder);
  return builder.take();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
