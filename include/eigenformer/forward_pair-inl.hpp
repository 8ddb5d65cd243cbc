#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/forward_feed.hpp"
#include "eigenformer/forward_pair.hpp"
#include "eigenformer/source_encoding.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::forward_detail {

/// The last token before the padding, which stands at the end: transformers counts the others (shift_tokens_right in
/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/mbart/modeling_mbart.py).
inline TokenId last_before_padding(std::span<const TokenId> ids, TokenId padding) {
  const auto padded = static_cast<std::size_t>(std::count(ids.begin(), ids.end(), padding));
  return padded == ids.size() ? padding : ids[ids.size() - padded - 1];
}

/// A text, moved one place to the right behind the decoder's start token, or behind its own last token.
inline std::vector<TokenId> shifted_right(const Model& model, std::span<const TokenId> ids) {
  const std::optional<TokenId> padding = model.state().network->info().wraps_before_padding;
  const std::optional<TokenId> start = padding ? std::optional(last_before_padding(ids, *padding))
                                               : model.state().generation_defaults.decoder_start_token;
  if (!start) {
    throw UsageError({.id = "usage.decoder_start",
                      .expected = "the token that the decoder begins with",
                      .found = "none in generation_config.json or config.json",
                      .where = model.info().source,
                      .remedy = "pass decoder_ids"});
  }
  std::vector<TokenId> shifted{*start};
  shifted.insert(shifted.end(), ids.begin(), ids.end() - 1);
  return shifted;
}

/// A result that is about a row of the source stands in the same row of the decoder.
inline void check_same_length(std::span<const TokenId> ids, std::span<const TokenId> decoder_ids) {
  if (ids.size() == decoder_ids.size()) return;
  throw UsageError({.id = "usage.end_token",
                    .expected = std::to_string(ids.size()) + " decoder_ids, as many as the source has tokens",
                    .found = std::to_string(decoder_ids.size()),
                    .where = "decoder_ids",
                    .remedy = "leave decoder_ids out: the result is about the row of the source's end token"});
}

/// The encoder's results, by their names with "encoder_" before them, and the source for the decoder.
struct WatchedSource {
  std::map<std::string, Tensor> results;
  EncodedSource source;
};

inline WatchedSource encode_watched(const Model& model, std::span<const TokenId> ids, const ForwardOptions& options) {
  const ModelState& state = model.state();
  const nn::Program encoder =
      state.record(nn::ProgramRole::encoder, {.keep = wanted_probes(options), .watched_slots = ids.size()});
  Collector collector({.tokens = ids.size(), .heads = model.info().encoder_heads});
  EncodedSource source = encode_source(
      state, source_rows(state, ids),
      {.encoder = &encoder,
       .probe = [&](std::string_view name,
                    const ConstMatrixView& rows) { collector.add(std::string("encoder_").append(name), rows); },
       .after_encoder = [&](const nn::Session& session) { collector.add_outputs(encoder, session, "encoder_"); }});
  return {std::move(collector).results(), std::move(source)};
}

EIGENFORMER_INLINE std::map<std::string, Tensor> forward_pair(const Model& model, std::span<const TokenId> ids,
                                                              const ForwardOptions& options) {
  check_ids(ids, source_limits_of(model));
  check_token_types(model, ids, options.token_type_ids);
  const std::vector<TokenId> decoder_ids =
      options.decoder_ids.empty() ? shifted_right(model, ids) : options.decoder_ids;
  check_ids(decoder_ids, limits_of(model));
  const std::optional<std::size_t> end_token = end_token_row(model, ids);
  if (end_token) check_same_length(ids, decoder_ids);

  WatchedSource encoded = encode_watched(model, ids, options);
  const nn::Program program = model.state().record(
      nn::ProgramRole::main,
      {.keep = wanted_probes(options), .watched_slots = decoder_ids.size(), .watched_source_slots = ids.size()});
  nn::Session session({&program, model.state().kernels, model.state().executor.get()});
  Collector collector({.tokens = decoder_ids.size(), .heads = model.info().heads, .end_token = end_token});
  const std::size_t chunk = options.chunk == 0 ? k_default_chunk : options.chunk;
  feed(
      {.model = model, .ids = decoder_ids, .chunk = chunk, .source = encoded.source.get()}, session,
      [&](std::string_view name, const ConstMatrixView& rows) { collector.add(std::string(name), rows); },
      [&](std::size_t first) {
        collector.add_outputs(program, session);
        collector.begin_step(first + chunk);
      });
  std::map<std::string, Tensor> results = std::move(collector).results();
  results.merge(std::move(encoded.results));
  return results;
}

EIGENFORMER_INLINE std::vector<double> target_log_probabilities(const Model& model, const SourceAndTarget& pair) {
  check_continues_texts(model, ModelKind::encoder_decoder);
  check_ids(pair.source, source_limits_of(model));
  check_ids(pair.target, limits_of(model));
  const std::vector<TokenId> decoder_ids = shifted_right(model, pair.target);
  const EncodedSource source = encode_source(model.state(), source_rows(model.state(), pair.source));
  nn::Session session(model.state().runner());
  std::vector<double> log_probabilities;
  feed({.model = model, .ids = decoder_ids, .source = source.get()}, session, {}, [&](std::size_t first) {
    add_log_probabilities(log_probabilities, model, session.result("logits"), pair.target.subspan(first));
  });
  return log_probabilities;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::forward_detail
