#pragma once

#include <utility>

#include "eigenformer/source_encoding.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace source_encoding_detail {

/// The encoder's rows once more, with its last hidden states as their vectors.
inline std::vector<nn::Row> with_vectors(std::span<const nn::Row> rows, const ConstMatrixView& encoded) {
  std::vector<nn::Row> with(rows.begin(), rows.end());
  for (std::size_t row = 0; row < with.size(); ++row) {
    with[row].vector = encoded.data() + static_cast<Eigen::Index>(row) * encoded.outerStride();
  }
  return with;
}

}  // namespace source_encoding_detail

EIGENFORMER_INLINE std::vector<nn::Row> source_rows(const ModelState& model, std::span<const TokenId> ids) {
  std::vector<nn::Row> rows(ids.size());
  for (std::size_t slot = 0; slot < rows.size(); ++slot) {
    rows[slot].token = ids[slot];
    rows[slot].slot = static_cast<std::uint32_t>(slot);
    rows[slot].position = static_cast<std::int32_t>(slot);
  }
  model.network->place_rows(rows, nn::ProgramRole::encoder);
  return rows;
}

EIGENFORMER_INLINE EncodedSource encode_source(const ModelState& model, std::span<const nn::Row> rows,
                                               const SourceEncoding& encoding) {
  const SourcePrograms& programs = *model.source;
  const nn::WalkLimits limits{.cancel = encoding.cancel, .pause_at = {}};
  nn::KvCache scratch(programs.encoder_layout);
  nn::BatchSequence sequence{.cache = &scratch};
  const nn::Program* encoder = encoding.encoder != nullptr ? encoding.encoder : &programs.encoder;
  nn::Session encoder_session({encoder, model.kernels, model.executor.get()});
  if (encoder_session.run({rows, {&sequence, 1}}, limits, encoding.probe) != nn::WalkOutcome::finished) return nullptr;
  if (encoding.after_encoder) encoding.after_encoder(encoder_session);

  auto keys = std::make_shared<nn::KvCache>(programs.source_layout);
  sequence.cache = keys.get();
  const std::vector<nn::Row> encoded =
      source_encoding_detail::with_vectors(rows, encoder_session.result("last_hidden_state"));
  nn::Session keys_session({&programs.source_keys, model.kernels, model.executor.get()});
  if (keys_session.run({encoded, {&sequence, 1}}, limits) != nn::WalkOutcome::finished) return nullptr;
  return keys;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
