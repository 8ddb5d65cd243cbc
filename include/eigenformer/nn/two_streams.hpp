// The rows of one segment of a text, as XLNet reads it: the content stream, whose rows are the tokens, and behind it
// the query stream, whose rows stand at places of tokens that they do not know. https://arxiv.org/abs/1906.08237,
// section 2.3
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/nn/rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// How a network reads a text segment after segment.
struct SegmentRules {
  bool is_causal = false;             ///< a token sees those of its segment up to itself
  bool keeps_span = false;            ///< where it is causal: every token sees as many as the memory holds, and itself
  std::size_t memory_length = 0;      ///< slots that are kept for the next segment; 0: all
  std::size_t reused_of_segment = 0;  ///< so many first tokens of a segment go into the memory; 0: all
};

/// One segment, and what its streams may see.
struct Segment {
  std::span<const std::int32_t> tokens;
  std::span<const std::int32_t> token_types = {};  ///< empty: all 0
  /// [tokens, tokens], row after row: not 0 where token i must not see token j; every token of the content stream sees
  /// itself all the same. Empty: nothing is hidden.
  std::span<const std::uint8_t> hidden = {};
  std::span<const std::size_t> targets = {};  ///< places that have a row in the query stream
  std::size_t memory = 0;                     ///< slots that are in the cache already
};

/// A segment's rows: one for each token, then one for each target, which stores no keys; the outputs are those of the
/// targets where there are any. Not to be copied: rows point to the words of what they see.
class SegmentRows {
 public:
  SegmentRows(const Segment& segment, const SegmentRules& rules);
  SegmentRows(const SegmentRows&) = delete;
  SegmentRows& operator=(const SegmentRows&) = delete;

  std::span<const Row> rows() const noexcept { return rows_; }

 private:
  /// Which row of which stream.
  struct Seer {
    std::size_t place;
    bool sees_itself;
  };
  void append(const Segment& segment, std::size_t place);
  bool sees(const Segment& segment, const SegmentRules& rules, Seer seer, std::size_t slot) const noexcept;
  void see(const Segment& segment, const SegmentRules& rules, std::size_t index);

  std::size_t words_per_row_;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> words_;  // [rows][words_per_row]
};

/// The vectors of the tokens, and `mask` [hidden] for rows of the query stream: [rows, hidden].
Value two_stream_tokens(Recorder& recorder, const Embedding& words, const std::vector<float>& mask);

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/two_streams-inl.hpp"
#endif
