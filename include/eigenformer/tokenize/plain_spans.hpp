// The parts of a text in which no special token is looked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/source_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class PlainSpans {
 public:
  /// `given` are bytes of the text that was given, of `size` bytes. UsageError "usage.plain_span".
  PlainSpans(const std::vector<ByteSpan>& given, std::size_t size, const SourceText& source) {
    for (const ByteSpan& span : given) {
      if (span.begin > span.end || span.end > size) {
        throw UsageError({.id = "usage.plain_span",
                          .expected = "spans inside a text of " + std::to_string(size) + " bytes",
                          .found = std::to_string(span.begin) + " to " + std::to_string(span.end),
                          .where = "EncodeOptions::plain_spans",
                          .remedy = "give byte offsets of the text that is encoded"});
      }
      if (!span.empty()) spans_.push_back(source.from_given(span));
    }
    std::sort(spans_.begin(), spans_.end(), [](const ByteSpan& a, const ByteSpan& b) { return a.begin < b.begin; });
    for (std::size_t k = 1; k < spans_.size(); ++k) spans_[k].end = std::max(spans_[k].end, spans_[k - 1].end);
  }

  bool empty() const { return spans_.empty(); }
  /// Whether a part of SourceText::text() has a byte in one of them.
  bool overlap(ByteSpan part) const {
    // Ends ascend too, so the last span that begins before the part's end reaches as far as any.
    const auto after =
        std::partition_point(spans_.begin(), spans_.end(), [&](const ByteSpan& span) { return span.begin < part.end; });
    return after != spans_.begin() && (after - 1)->end > part.begin;
  }

 private:
  std::vector<ByteSpan> spans_;  ///< ascending by begin and by end
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
