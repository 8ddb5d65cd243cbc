#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "eigenformer/generate/find_texts.hpp"
#include "eigenformer/generate/stop_strings.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE std::string StopStrings::push(std::string_view piece) {
  if (found_) return {};
  held_ += piece;
  if (const std::optional<ByteSpan> stop = first_complete(held_, stops_)) {
    found_ = true;
    behind_ = held_.size() - stop->end;
    return std::exchange(held_, {}).substr(0, stop->begin);
  }
  const std::size_t certain = held_.size() - undecided_bytes(held_, stops_);
  std::string text = held_.substr(0, certain);
  held_.erase(0, certain);
  return text;
}

EIGENFORMER_INLINE std::string StopStrings::finish() { return found_ ? std::string() : std::exchange(held_, {}); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
