#pragma once

#include <algorithm>
#include <string_view>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/core/math.hpp"
#include "eigenformer/core/shape.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace forward_detail {

/// Tokens a step where the caller does not say: enough to use a weight for many rows, few enough that the logits of a
/// large vocabulary stay small.
inline constexpr std::size_t k_default_chunk = 256;

inline void check_ids(const Model& model, std::span<const TokenId> ids) {
  const std::size_t vocabulary = model.info().vocabulary_size;
  if (ids.empty()) {
    throw UsageError({.id = "usage.prompt_empty",
                      .expected = "at least one token",
                      .found = "none",
                      .where = "",
                      .remedy = "pass some text or ids"});
  }
  if (ids.size() > model.info().context_length) {
    throw UsageError({.id = "usage.prompt_too_long",
                      .expected = "at most " + std::to_string(model.info().context_length) + " tokens",
                      .found = std::to_string(ids.size()),
                      .where = "",
                      .remedy = "shorten the text, or use a model with a longer context"});
  }
  for (std::size_t place = 0; place < ids.size(); ++place) {
    if (ids[place] >= 0 && static_cast<std::size_t>(ids[place]) < vocabulary) continue;
    throw UsageError({.id = "usage.token_id",
                      .expected = "ids from 0 to " + std::to_string(vocabulary - 1),
                      .found = std::to_string(ids[place]),
                      .where = "token " + std::to_string(place),
                      .remedy = "use the tokenizer that belongs to this model"});
  }
}

/// Feeds `ids` to a fresh sequence in steps of `chunk` and calls `after_step(first_token)` after each.
struct Feed {
  const Model& model;
  std::span<const TokenId> ids;
  std::size_t chunk;
};

template <class AfterStep>
void feed(const Feed& work, nn::Session& session, const nn::ProbeCallback& probe, AfterStep&& after_step) {
  nn::KvCache cache(work.model.state().cache_layout);
  const nn::BatchSequence sequence{
      .cache = &cache, .source = nullptr, .frequency_length = static_cast<std::uint32_t>(work.ids.size())};
  for (std::size_t first = 0; first < work.ids.size(); first += work.chunk) {
    std::vector<nn::Row> rows(std::min(work.chunk, work.ids.size() - first));
    for (std::size_t index = 0; index < rows.size(); ++index) {
      rows[index].token = work.ids[first + index];
      rows[index].slot = static_cast<std::uint32_t>(first + index);
      rows[index].position = static_cast<std::int32_t>(first + index);
    }
    session.run({rows, {&sequence, 1}}, {}, probe);
    after_step(first);
  }
}

/// Room for a value of `width` floats a token: a map of attention is [heads, tokens, tokens], all else [tokens, width].
inline Tensor make_tensor(std::string_view name, const Model& model, std::size_t tokens, std::size_t width) {
  const auto n = static_cast<std::int64_t>(tokens);
  const auto heads = static_cast<std::int64_t>(model.info().heads);
  const bool is_map = name.starts_with("attentions.");
  return {.shape = is_map ? Shape{heads, n, n} : Shape{n, static_cast<std::int64_t>(width)},
          .values = std::vector<float>(tokens * width)};
}

/// Copies the rows of one step to their places.
inline void copy_rows(Tensor& tensor, const ConstMatrixView& rows, std::size_t first_token) {
  const bool is_map = tensor.shape.size() == 3;
  const std::size_t heads = is_map ? static_cast<std::size_t>(tensor.shape[0]) : 1;
  const auto tokens = static_cast<std::size_t>(tensor.shape[is_map ? 1 : 0]);
  const std::size_t width = static_cast<std::size_t>(rows.cols()) / heads;
  for (Eigen::Index row = 0; row < rows.rows(); ++row) {
    const float* from = rows.data() + row * rows.outerStride();
    const std::size_t token = first_token + static_cast<std::size_t>(row);
    for (std::size_t head = 0; head < heads; ++head) {
      std::copy_n(from + head * width, width, tensor.values.data() + (head * tokens + token) * width);
    }
  }
}

/// log softmax(logits)[chosen] in double precision, with functions of ours.
inline double log_probability(const float* logits, std::size_t size, TokenId chosen) {
  const double maximum = *std::max_element(logits, logits + size);
  double sum = 0.0;
  for (std::size_t index = 0; index < size; ++index) sum += exponential(logits[index] - maximum);
  return logits[chosen] - maximum - logarithm(sum);
}

}  // namespace forward_detail

EIGENFORMER_INLINE std::map<std::string, Tensor> forward(const Model& model, std::span<const TokenId> ids,
                                                         const ForwardOptions& options) {
  forward_detail::check_ids(model, ids);
  const nn::Program program = model.state().record(
      [&](std::string_view name) {
        return (options.hidden_states && name.starts_with("hidden_states.")) ||
               (options.attentions && name.starts_with("attentions."));
      },
      ids.size());
  nn::Session session({&program, model.state().kernels, model.state().executor.get()});
  std::map<std::string, Tensor> results;
  std::size_t first_token = 0;
  const auto keep = [&](std::string_view name, const ConstMatrixView& rows) {
    const auto [entry, is_new] = results.try_emplace(std::string(name));
    if (is_new) {
      entry->second = forward_detail::make_tensor(name, model, ids.size(), static_cast<std::size_t>(rows.cols()));
    }
    forward_detail::copy_rows(entry->second, rows, first_token);
  };
  const std::size_t chunk = options.chunk == 0 ? forward_detail::k_default_chunk : options.chunk;
  forward_detail::feed({model, ids, chunk}, session, keep, [&](std::size_t first) {
    for (const auto& [name, value] : program.outputs) keep(name, session.result(name));
    first_token = first + chunk;
  });
  return results;
}

EIGENFORMER_INLINE std::vector<double> token_log_probabilities(const Model& model, std::span<const TokenId> ids) {
  forward_detail::check_ids(model, ids);
  nn::Session session(model.state().runner());
  std::vector<double> log_probabilities;
  forward_detail::feed({model, ids, forward_detail::k_default_chunk}, session, {}, [&](std::size_t first) {
    const ConstMatrixView logits = session.result("logits");
    for (Eigen::Index row = 0; row < logits.rows(); ++row) {
      const std::size_t next = first + static_cast<std::size_t>(row) + 1;
      if (next == ids.size()) break;
      log_probabilities.push_back(forward_detail::log_probability(logits.data() + row * logits.outerStride(),
                                                                  static_cast<std::size_t>(logits.cols()), ids[next]));
    }
  });
  return log_probabilities;
}

EIGENFORMER_INLINE double perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window) {
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
  if (count == 0) forward_detail::check_ids(model, {});
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
EIGENFORMER_INLINE Result<double> try_perplexity(const Model& model, std::span<const TokenId> ids, std::size_t window) {
  return attempt([&] { return perplexity(model, ids, window); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
