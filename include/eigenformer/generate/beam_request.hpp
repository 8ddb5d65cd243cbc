// A request whose sequences are the best texts behind one prompt, by a search with beams.
#pragma once

#include <optional>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/beam_search.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/request_state.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Best first. Its texts come when it is over: until then nobody knows which they are.
class BeamRequest final : public RequestState {
 public:
  /// Options have been checked; there is more than one beam. Throws as make_request does.
  BeamRequest(const Model& model, Sequence prompt, const GenerateOptions& options, RequestWatch watch);

  void want(std::vector<SequenceStep>& steps) override;
  void choose(const WantedLogits& logits) override;
  void tell() override;
  void withdraw() noexcept override {}

 private:
  std::vector<GeneratedSequence> end() override;
  void release() noexcept override;
  void begin();

  DecodingPlan plan_;
  std::optional<TextWriter> writer_;
  bool has_stops_;
  std::optional<Sequence> prompt_;   // until it is computed
  std::optional<BeamSearch> beams_;  // from then on until the request is over
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/beam_request-inl.hpp"
#endif
