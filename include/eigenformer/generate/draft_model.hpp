// Drafts by a smaller model with the same vocabulary.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/drafter.hpp"
#include "eigenformer/generate/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// It chooses as the sequence itself will, with the same numbers drawn for the same places: where both models expect
/// about the same, they draw the same.
class DraftModel final : public Drafter {
 public:
  /// Options and prompt as for make_drafter; there is an assistant.
  DraftModel(const GenerateOptions& options, std::span<const TokenId> prompt, const CancelToken& cancel);

  std::vector<TokenId> draft(const Continuation& continuation, std::size_t most) override;
  std::unique_ptr<Drafter> fork() const override { return std::make_unique<DraftModel>(*this); }

 private:
  Model model_;
  std::shared_ptr<Forward> forward_;  ///< shared by forks, which take turns
  Sequence sequence_;
  std::size_t tokens_;
  double least_log_probability_;
  ForwardLimits limits_;
  CancelToken cancel_;  ///< keeps the flag of the limits
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/draft_model-inl.hpp"
#endif
