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
#include "eigenformer/generate/continuation.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What is left when a reply is over.
struct ReplyEnd {
  Sequence& sequence;                  ///< may be moved from
  const std::string& text;             ///< what was said
  std::optional<FinishReason> reason;  ///< none where it was destroyed midway or failed
};

/// What a reply is made of.
struct ReplyParts {
  Model model;                       ///< kept alive
  std::shared_ptr<Forward> forward;  ///< may be shared with other replies of the same thread
  Sequence sequence;                 ///< holds the prompt
  DecodingPlan plan;
  std::vector<std::string> stops;
  ForwardLimits limits;
  CancelToken cancel;
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

  const CancelToken& cancel_token() const noexcept { return cancel_; }
  std::optional<FinishReason> reason() const noexcept { return reason_; }
  std::span<const TokenId> ids() const noexcept { return ids_; }
  const std::string& text() const noexcept { return text_; }
  const ReplyStatistics& statistics() const noexcept { return statistics_; }

 private:
  std::optional<std::string> next_piece();
  std::string next_token_text();
  bool compute_next_token();
  void finish();
  void give_up() noexcept;

  Model model_;
  std::shared_ptr<Forward> forward_;
  Continuation continuation_;
  TextWriter writer_;
  ForwardLimits limits_;
  CancelToken cancel_;
  std::function<void(ReplyEnd end)> on_end_;
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
