// What is behind a request: the part that all kinds of search have in common.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/ragged_batch.hpp"
#include "eigenformer/text_piece.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// How a request is followed from outside.
struct RequestWatch {
  std::size_t sequences = 1;  ///< that it comes to
  CancelToken cancel = {};
  TextCallback on_text = {};
};

class RequestState : public BatchMember {
 public:
  explicit RequestState(RequestWatch watch);
  RequestState(const RequestState&) = delete;
  RequestState& operator=(const RequestState&) = delete;

  bool finished() const noexcept final { return over_; }
  void fail(std::exception_ptr failure) noexcept final;
  const std::atomic<bool>* cancel_flag() const noexcept final { return cancel_.flag(); }

  /// What there is stands, with FinishReason::cancelled.
  void stop() final;
  /// What it has come to, in the sequences' order. Throws what it failed by; UsageError "usage.request_running" while
  /// it is not over.
  const std::vector<GeneratedSequence>& checked_results() const;
  /// All pieces of a sequence until now, joined.
  std::string_view text(std::size_t sequence) const noexcept;
  const CancelToken& cancel_token() const noexcept { return cancel_; }

 protected:
  /// The results, with FinishReason::cancelled where something has not ended.
  virtual std::vector<GeneratedSequence> end() = 0;
  /// Gives its sequences back when it is over. What has failed has no results.
  virtual void release() noexcept = 0;

  std::size_t sequences() const noexcept { return texts_.size(); }
  void add_text(std::size_t sequence, std::string_view piece);
  void finish();

 private:
  std::vector<std::string> texts_;
  CancelToken cancel_;
  TextCallback on_text_;
  std::vector<GeneratedSequence> results_;
  std::exception_ptr failure_;
  bool over_ = false;
};

/// The request that `generate` makes of its arguments, which have been checked. Throws UsageError
/// "usage.prompt_too_long", "usage.max_length", "usage.decoder_start", TokenizerError for stop or banned strings
/// without a tokenizer.
std::shared_ptr<RequestState> make_request(const Model& model, std::span<const TokenId> prompt,
                                           const GenerateOptions& options, TextCallback on_text = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/request_state-inl.hpp"
#endif
