// The entries of forward.hpp for encoder-decoders: a source goes through the encoder, then a target through the decoder
// that attends to it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/forward.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::forward_detail {

std::map<std::string, Tensor> forward_pair(const Model& model, std::span<const TokenId> ids,
                                           const ForwardOptions& options);
std::vector<double> target_log_probabilities(const Model& model, const SourceAndTarget& pair);

}  // namespace eigenformer::inline EIGENFORMER_ABI::forward_detail

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/forward_pair-inl.hpp"
#endif
