// A request whose sequences each choose their own tokens.
#pragma once

#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/request_state.hpp"
#include "eigenformer/generate/strand.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

class SampledRequest final : public RequestState {
 public:
  /// `first` holds the prompt.
  SampledRequest(Strand first, RequestWatch watch);

  void take(const WantedLogits& logits) override;
  void withdraw() noexcept override;

 private:
  void want_steps(std::vector<SequenceStep>& steps) override;
  std::vector<GeneratedSequence> end() override;
  void release() noexcept override { strands_.clear(); }
  void fork_first();

  std::vector<Strand> strands_;  // the first alone until the prompt is computed; none when the request is over
  SamplingBuffers buffers_;
  bool is_begun_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/sampled_request-inl.hpp"
#endif
