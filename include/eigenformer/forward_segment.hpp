// A forward pass through a model that reads a text by segments: what `forward` does where the model has two streams and
// a memory.
#pragma once

#include <map>
#include <span>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/forward.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::forward_detail {

/// `forward` of such a model.
std::map<std::string, Tensor> forward_segment(const Model& model, std::span<const TokenId> ids,
                                              const ForwardOptions& options);

/// Refuses the options of segments where the model has none: UsageError "usage.no_segments".
void check_no_segment_options(const Model& model, const ForwardOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::forward_detail

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/forward_segment-inl.hpp"
#endif
