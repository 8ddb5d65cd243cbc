// The encoder's side of an encoder-decoder: what a source becomes before a decoder attends to it. For the library's own
// rooms (forward, generate, tasks).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "eigenformer/core/cancel_flags.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Keys and values of every cross-attention over one source: computed once, then read by each step of each sequence,
/// beam or request that decodes from it. Immutable, so any number of threads may share it.
using EncodedSource = std::shared_ptr<const nn::KvCache>;

struct SourceEncoding {
  CancelFlags cancel = {};  ///< looked at between layers
  /// The encoder's program recorded with probes, for those who watch; null: the model's own.
  const nn::Program* encoder = nullptr;
  nn::ProbeCallback probe = {};
  /// Called with the session in which the encoder has run.
  std::function<void(const nn::Session&)> after_encoder = {};
};

/// Runs the encoder over the rows of a source, then computes the decoder's keys and values from its last hidden states.
/// Rows are one whole sequence, and have their positions (`source_rows`). Null when cancelled.
EncodedSource encode_source(const ModelState& model, std::span<const nn::Row> rows,
                            const SourceEncoding& encoding = {});

/// The rows of a source that is tokens: one sequence, whole.
std::vector<nn::Row> source_rows(const ModelState& model, std::span<const TokenId> ids);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/source_encoding-inl.hpp"
#endif
