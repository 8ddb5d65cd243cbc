#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/generate/stop_strings.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace stop_strings_detail {

/// The stop string that is complete first in `text`.
inline std::optional<ByteSpan> first_stop(std::string_view text, std::span<const std::string> stops) {
  std::optional<ByteSpan> first;
  for (const std::string& stop : stops) {
    const std::size_t begin = text.find(stop);
    if (begin == std::string_view::npos) continue;
    const ByteSpan found{begin, begin + stop.size()};
    if (!first || found.end < first->end || (found.end == first->end && found.begin < first->begin)) first = found;
  }
  return first;
}

/// How many bytes at the end of `text` may be the beginning of a stop string.
inline std::size_t undecided_bytes(std::string_view text, std::span<const std::string> stops) {
  std::size_t most = 0;
  for (const std::string& stop : stops) {
    for (std::size_t size = std::min(stop.size() - 1, text.size()); size > most; --size) {
      if (text.ends_with(std::string_view(stop).substr(0, size))) most = size;
    }
  }
  return most;
}

}  // namespace stop_strings_detail

EIGENFORMER_INLINE std::string StopStrings::push(std::string_view piece) {
  if (found_) return {};
  held_ += piece;
  if (const std::optional<ByteSpan> stop = stop_strings_detail::first_stop(held_, stops_)) {
    found_ = true;
    return std::exchange(held_, {}).substr(0, stop->begin);
  }
  const std::size_t certain = held_.size() - stop_strings_detail::undecided_bytes(held_, stops_);
  std::string text = held_.substr(0, certain);
  held_.erase(0, certain);
  return text;
}

EIGENFORMER_INLINE std::string StopStrings::finish() { return found_ ? std::string() : std::exchange(held_, {}); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
