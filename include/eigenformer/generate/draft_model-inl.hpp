#pragma once

#include <algorithm>
#include <limits>
#include <optional>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/draft_model.hpp"
#include "eigenformer/generate/first_sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace draft_model_detail {

inline double log_of_probability(double probability) noexcept {
  return probability > 0 ? logarithm(probability) : -std::numeric_limits<double>::infinity();
}

/// The draft model's own source, where it reads one; its tokens are always those of the sequence that it drafts for.
inline Sequence empty_sequence(const ModelState& model, std::span<const TokenId> prompt) {
  Sequence sequence{nn::KvCache(model.cache_layout), {}};
  if (model.source) sequence.source_ids.assign(prompt.begin(), prompt.end());
  return sequence;
}

}  // namespace draft_model_detail

EIGENFORMER_INLINE DraftModel::DraftModel(const GenerateOptions& options, std::span<const TokenId> prompt,
                                          const CancelToken& cancel)
    : model_(*options.assistant),
      forward_(std::make_shared<Forward>(model_.state())),
      sequence_(draft_model_detail::empty_sequence(model_.state(), prompt)),
      tokens_(options.num_assistant_tokens),
      least_log_probability_(draft_model_detail::log_of_probability(options.assistant_confidence_threshold)),
      limits_{.chunk = options.prefill_chunk},
      cancel_(cancel) {
  limits_.cancel = cancel_.flag();
}

EIGENFORMER_INLINE std::vector<TokenId> DraftModel::draft(const Continuation& continuation, std::size_t most) {
  const std::vector<TokenId>& ids = continuation.sequence().ids;
  const std::size_t context = model_.info().context_length;
  if (ids.size() >= context) return {};
  most = std::min({most, tokens_, context - ids.size()});
  replace_prompt(sequence_, ids);
  SamplingBuffers buffers;
  std::vector<TokenId> tokens;
  while (tokens.size() < most && forward_->run(sequence_, limits_)) {
    const std::optional<Choice> choice = continuation.would_choose(sequence_.ids, forward_->logits(0), buffers);
    if (!choice || continuation.is_end_token(choice->id)) break;
    tokens.push_back(choice->id);
    if (choice->log_probability < least_log_probability_) break;
    sequence_.ids.push_back(choice->id);
  }
  return tokens;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
