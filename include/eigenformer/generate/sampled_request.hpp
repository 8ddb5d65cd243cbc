// A request whose sequences each choose their own tokens.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/reply_end.hpp"
#include "eigenformer/generate/request_state.hpp"
#include "eigenformer/generate/strand.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

class SampledRequest final : public RequestState {
 public:
  /// Called once with the first sequence when the request is over. May throw where a reason is given, not else.
  using EndCallback = std::function<void(const ReplyEnd& end)>;

  /// `first` holds the prompt.
  SampledRequest(Strand first, RequestWatch watch, EndCallback on_end = {});
  ~SampledRequest() override { release(); }

  void want(std::vector<SequenceStep>& steps) override;
  void choose(const WantedLogits& logits) override;
  void tell() override;
  void withdraw() noexcept override;

 private:
  std::vector<GeneratedSequence> end() override;
  void release() noexcept override;
  void fork_first();

  std::vector<Strand> strands_;      // the first alone until the prompt is computed; none when the request is over
  std::vector<std::string> pieces_;  // that have been written and not told, for each sequence
  EndCallback on_end_;
  SamplingBuffers buffers_;
  bool is_begun_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/sampled_request-inl.hpp"
#endif
