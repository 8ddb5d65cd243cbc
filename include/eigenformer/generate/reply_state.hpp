// What is behind a Reply.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/reply_end.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/strand.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What a reply is made of.
struct ReplyParts {
  Model model;                       ///< kept alive
  std::shared_ptr<Forward> forward;  ///< may be shared with other replies of the same thread
  Strand strand;                     ///< holds the prompt
  ForwardLimits limits;
  /// Called once, when the reply is over. May throw where a reason is given, not else.
  std::function<void(ReplyEnd end)> on_end;
};

class ReplyState {
 public:
  explicit ReplyState(ReplyParts parts);
  ~ReplyState();
  ReplyState(const ReplyState&) = delete;
  ReplyState& operator=(const ReplyState&) = delete;

  std::optional<std::string> next();
  void stop();

  const CancelToken& cancel_token() const noexcept { return strand_.cancel_token(); }
  std::optional<FinishReason> reason() const noexcept { return reason_; }
  std::span<const TokenId> ids() const noexcept { return ids_; }
  const std::string& text() const noexcept { return text_; }
  const ReplyStatistics& statistics() const noexcept { return statistics_; }

 private:
  std::optional<std::string> next_piece();
  std::string compute_text();
  bool compute_step();
  void finish();
  void give_up() noexcept;

  Model model_;
  std::shared_ptr<Forward> forward_;
  Strand strand_;
  ForwardLimits limits_;
  std::function<void(ReplyEnd end)> on_end_;
  std::vector<SequenceStep> steps_;
  SamplingBuffers buffers_;
  std::vector<TokenId> ids_;
  std::string text_;
  ReplyStatistics statistics_;
  std::optional<FinishReason> reason_;
  bool over_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/reply_state-inl.hpp"
#endif
