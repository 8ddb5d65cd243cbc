#pragma once

#include <algorithm>

#include "eigenformer/tokenize/source_text.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE SourceText::SourceText(std::string_view given) : given_(given) {
  std::size_t position = find_ill_formed(given, 0);
  if (position == given.size()) return;
  repaired_.append(given.substr(0, position));
  while (position < given.size()) {
    const std::size_t end = position + utf8_sequence_at(given, position).bytes;
    repairs_.push_back({.text_begin = repaired_.size(), .given_begin = position, .given_end = end});
    repaired_ += k_replacement;
    position = find_ill_formed(given, end);
    repaired_.append(given.substr(end, position - end));
  }
}

EIGENFORMER_INLINE ByteSpan SourceText::to_given(ByteSpan span) const {
  // The last repair that begins before a border decides where it lies; a border is never inside U+FFFD.
  const auto convert = [this](std::size_t border) {
    const auto after = std::partition_point(repairs_.begin(), repairs_.end(),
                                            [border](const Repair& repair) { return repair.text_begin < border; });
    if (after == repairs_.begin()) return border;
    const Repair& repair = *(after - 1);
    return border - (repair.text_begin + k_replacement.size()) + repair.given_end;
  };
  return {convert(span.begin), convert(span.end)};
}

EIGENFORMER_INLINE ByteSpan SourceText::from_given(ByteSpan span) const {
  const auto convert = [this](std::size_t border, std::size_t inside) {
    const auto after = std::partition_point(repairs_.begin(), repairs_.end(),
                                            [border](const Repair& repair) { return repair.given_begin < border; });
    if (after == repairs_.begin()) return border;
    const Repair& repair = *(after - 1);
    if (border < repair.given_end) return repair.text_begin + inside;
    return border - repair.given_end + repair.text_begin + k_replacement.size();
  };
  return {convert(span.begin, 0), convert(span.end, k_replacement.size())};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
