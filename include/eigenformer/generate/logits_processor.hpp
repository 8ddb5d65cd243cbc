// What may change the scores of the token that follows: each of the library's own options, or a host's own rule. A
// light header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What a processor may look at.
struct ProcessedText {
  std::span<const TokenId> ids;              ///< prompt and new tokens; of an encoder-decoder: the decoder's
  std::size_t prompt_tokens = 0;             ///< the first of `ids` that were given; the others were chosen
  std::span<const TokenId> source_ids = {};  ///< what an encoder-decoder's encoder reads
  /// What the beams of earlier groups have taken at the place that follows (GenerateOptions::num_beam_groups).
  std::span<const TokenId> earlier_group_tokens = {};
  std::uint32_t sequence = 0;  ///< index within the request: draws of several sequences differ by it
  /// How many tokens have been chosen for the place that follows and taken back (GenerateOptions::banned_strings):
  /// draws for one place differ by it.
  std::uint32_t attempt = 0;
  std::span<const TokenId> banned_tokens = {};  ///< those of them that began a banned text behind these ids
};

/// A rule for the scores of one position. It has no state: the same text and scores give the same result, whatever it
/// was asked before, so that one processor may serve any number of sequences, on any threads.
class LogitsProcessor {
 public:
  virtual ~LogitsProcessor() = default;
  /// Changes the scores [vocabulary] of the token that follows `text`; minus infinity forbids a token. Scores come in
  /// as finite numbers or minus infinity, and have to stay so.
  virtual void process(const ProcessedText& text, std::span<float> scores) const = 0;
};

/// Run first to last.
using LogitsProcessors = std::vector<std::shared_ptr<const LogitsProcessor>>;

}  // namespace eigenformer::inline EIGENFORMER_ABI
