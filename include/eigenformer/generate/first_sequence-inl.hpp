#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/first_sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace first_sequence_detail {

inline TokenId decoder_start(const ModelState& model, const GenerateOptions& options) {
  if (options.decoder_start_token) return *options.decoder_start_token;
  if (model.generation_defaults.decoder_start_token) return *model.generation_defaults.decoder_start_token;
  throw UsageError({.id = "usage.decoder_start",
                    .expected = "the token that the decoder begins with",
                    .found = "none in generation_config.json or config.json",
                    .where = model.info.source,
                    .remedy = "pass decoder_start_token"});
}

}  // namespace first_sequence_detail

EIGENFORMER_INLINE Sequence first_sequence(const ModelState& model, std::span<const TokenId> prompt,
                                           const GenerateOptions& options) {
  Sequence sequence{nn::KvCache(model.cache_layout), {prompt.begin(), prompt.end()}};
  if (!model.source) return sequence;
  sequence.source_ids = std::move(sequence.ids);
  sequence.ids = {first_sequence_detail::decoder_start(model, options)};
  sequence.ids.insert(sequence.ids.end(), options.decoder_prompt.begin(), options.decoder_prompt.end());
  return sequence;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
