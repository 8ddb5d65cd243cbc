#pragma once

#include <memory>

#include "eigenformer/generate/batch_generation.hpp"
#include "eigenformer/generate/ragged_batch.hpp"
#include "eigenformer/generate/request_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE std::vector<GeneratedSequence> generate_batch(const Model& model, std::span<const TokenId> prompt,
                                                                 const GenerateOptions& options) {
  const std::shared_ptr<RequestState> request = make_request(model, prompt, options);
  RaggedBatch batch(model.state(), options.prefill_chunk);
  BatchMember* const alone = request.get();
  while (!request->finished()) batch.step({&alone, 1});
  return request->checked_results();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
