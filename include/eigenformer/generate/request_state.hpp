// What is behind a request: one prompt, and the sequences that continue it.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/ragged_batch.hpp"
#include "eigenformer/generate/reply_end.hpp"
#include "eigenformer/generate/strand.hpp"
#include "eigenformer/scheduler.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What a request is made of.
struct RequestParts {
  Strand first;               ///< holds the prompt
  std::size_t sequences = 1;  ///< that continue it
  CancelToken cancel = {};
  TextCallback on_text = {};
  /// Called once with the first sequence, when the request is over. May throw where a reason is given, not else.
  std::function<void(const ReplyEnd& end)> on_end = {};
};

class RequestState final : public BatchMember {
 public:
  explicit RequestState(RequestParts parts);
  ~RequestState() override { give_up(); }
  RequestState(const RequestState&) = delete;
  RequestState& operator=(const RequestState&) = delete;

  bool finished() const noexcept override { return over_; }
  void want(std::vector<SequenceStep>& steps) override;
  void take(const WantedLogits& logits) override;
  void withdraw() noexcept override;
  void fail(std::exception_ptr failure) noexcept override;
  const std::atomic<bool>* cancel_flag() const noexcept override { return cancel_.flag(); }

  /// Ends it here: what there is stands, with FinishReason::cancelled.
  void stop();
  /// What it has come to, in the sequences' order. Throws what it failed by; UsageError "usage.request_running" while
  /// it is not over.
  const std::vector<GeneratedSequence>& checked_results() const;
  /// All pieces of a sequence until now, joined.
  std::string_view text(std::size_t sequence) const noexcept;
  const CancelToken& cancel_token() const noexcept { return cancel_; }

 private:
  void begin_strands();
  void add_text(std::size_t index, const std::string& piece);
  void finish();
  void give_up() noexcept;

  std::vector<Strand> strands_;  // the first alone until the prompt is computed; none when the request is over
  std::vector<std::string> texts_;
  CancelToken cancel_;
  TextCallback on_text_;
  std::function<void(const ReplyEnd&)> on_end_;
  SamplingBuffers buffers_;
  std::vector<GeneratedSequence> results_;
  std::exception_ptr failure_;
  bool is_begun_ = false;
  bool over_ = false;
};

/// The request that `generate` makes of its arguments, which have been checked. Throws UsageError
/// "usage.prompt_too_long", "usage.max_length", "usage.decoder_start", TokenizerError for stop strings without a
/// tokenizer.
std::shared_ptr<RequestState> make_request(const Model& model, std::span<const TokenId> prompt,
                                           const GenerateOptions& options, TextCallback on_text = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/request_state-inl.hpp"
#endif
