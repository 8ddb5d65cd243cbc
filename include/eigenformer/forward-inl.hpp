#pragma once

#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/core/math.hpp"
#include "eigenformer/forward_feed.hpp"
#include "eigenformer/forward_pair.hpp"
#include "eigenformer/forward_segment.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace forward_detail {

inline void check_no_decoder_ids(const Model& model, const ForwardOptions& options) {
  if (options.decoder_ids.empty()) return;
  throw UsageError({.id = "usage.no_encoder",
                    .expected = "an encoder-decoder",
                    .found = "the model " + model.info().architecture + ", which is none",
                    .where = "decoder_ids",
                    .remedy = "leave the option out"});
}

}  // namespace forward_detail

EIGENFORMER_INLINE std::map<std::string, Tensor> forward(const Model& model, std::span<const TokenId> ids,
                                                         const ForwardOptions& options) {
  if (model.state().network->info().segments) {
    forward_detail::check_no_decoder_ids(model, options);
    return forward_detail::forward_segment(model, ids, options);
  }
  forward_detail::check_no_segment_options(model, options);
  if (model.state().source) return forward_detail::forward_pair(model, ids, options);
  forward_detail::check_ids(ids, forward_detail::limits_of(model));
  forward_detail::check_token_types(model, ids, options.token_type_ids);
  forward_detail::check_no_decoder_ids(model, options);
  const nn::Program program = model.state().record(
      nn::ProgramRole::main, {.keep = forward_detail::wanted_probes(options), .watched_slots = ids.size()});
  nn::Session session({&program, model.state().kernels, model.state().executor.get()});
  forward_detail::Collector collector(
      {.tokens = ids.size(), .heads = model.info().heads, .end_token = forward_detail::end_token_row(model, ids)});
  const std::size_t chunk = options.chunk == 0 ? forward_detail::k_default_chunk : options.chunk;
  forward_detail::feed(
      {.model = model, .ids = ids, .token_types = options.token_type_ids, .chunk = chunk}, session,
      [&](std::string_view name, const ConstMatrixView& rows) { collector.add(std::string(name), rows); },
      [&](std::size_t first) {
        collector.add_outputs(program, session);
        collector.begin_step(first + chunk);
      });
  return std::move(collector).results();
}
EIGENFORMER_INLINE std::vector<double> token_log_probabilities(const Model& model, std::span<const TokenId> ids) {
  forward_detail::check_continues_texts(model, ModelKind::decoder);
  forward_detail::check_ids(ids, forward_detail::limits_of(model));
  nn::Session session(model.state().runner());
  std::vector<double> log_probabilities;
  forward_detail::feed({.model = model, .ids = ids}, session, {}, [&](std::size_t first) {
    forward_detail::add_log_probabilities(log_probabilities, model, session.result("logits"),
                                          ids.subspan(first).subspan(1));
  });
  return log_probabilities;
}

EIGENFORMER_INLINE std::vector<double> target_log_probabilities(const Model& model, const SourceAndTarget& pair) {
  return forward_detail::target_log_probabilities(model, pair);
}

EIGENFORMER_INLINE double perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window) {
  forward_detail::check_continues_texts(model, ModelKind::decoder);
  if (window < 2 || window > model.info().context_length) {
    throw UsageError({.id = "usage.window",
                      .expected = "a window of 2 to " + std::to_string(model.info().context_length) + " tokens",
                      .found = std::to_string(window),
                      .where = "",
                      .remedy = "choose another window"});
  }
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t first = 0; first + 1 < ids.size(); first += window) {
    for (const double value :
         token_log_probabilities(model, ids.subspan(first, std::min(window, ids.size() - first)))) {
      sum += value;
      ++count;
    }
  }
  if (count == 0) forward_detail::check_ids({}, forward_detail::limits_of(model));
  return exponential(-sum / static_cast<double>(count));
}

EIGENFORMER_INLINE Result<std::map<std::string, Tensor>> try_forward(const Model& model, std::span<const TokenId> ids,
                                                                     const ForwardOptions& options) {
  return attempt([&] { return forward(model, ids, options); });
}
EIGENFORMER_INLINE Result<std::vector<double>> try_token_log_probabilities(const Model& model,
                                                                           std::span<const TokenId> ids) {
  return attempt([&] { return token_log_probabilities(model, ids); });
}
EIGENFORMER_INLINE Result<std::vector<double>> try_target_log_probabilities(const Model& model,
                                                                            const SourceAndTarget& pair) {
  return attempt([&] { return target_log_probabilities(model, pair); });
}
EIGENFORMER_INLINE Result<double> try_perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window) {
  return attempt([&] { return perplexity(model, ids, window); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
