// Drafts by looking up the last tokens in the text itself: what followed them there may follow again.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/drafter.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

struct PromptLookupOptions {
  std::size_t tokens = 10;             ///< of a draft, at most
  std::size_t max_matching_ngram = 2;  ///< tokens at the end that are looked up together, at first
};

/// The tokens that followed the last `max_matching_ngram` ones where these stand for the first time in `ids`; where
/// they stand nowhere before, those after one token less, and so on. As transformers' PromptLookupCandidateGenerator:
/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/generation/candidate_generator.py
std::span<const TokenId> look_up(std::span<const TokenId> ids, const PromptLookupOptions& options);

/// `look_up`, up to an end token.
class PromptLookup final : public Drafter {
 public:
  explicit PromptLookup(const PromptLookupOptions& options) : options_(options) {}

  std::vector<TokenId> draft(const Continuation& continuation, std::size_t most) override;
  std::unique_ptr<Drafter> fork() const override { return std::make_unique<PromptLookup>(*this); }

 private:
  PromptLookupOptions options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/prompt_lookup-inl.hpp"
#endif
