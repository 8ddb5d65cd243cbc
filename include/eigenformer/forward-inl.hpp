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

/// Only a decoder that stands alone gives a text its probability, token after token.
inline void check_predicts(const Model& model) {
  if (model.info().kind == ModelKind::decoder && model.info().head == ModelHead::language_model) return;
  throw UsageError({.id = "usage.not_generative",
                    .expected = "a model that predicts the next token",
                    .found = "a " + model.info().architecture + " model that does not",
                    .where = model.info().source,
                    .remedy = "use a decoder-only language model"});
}

inline void check_token_types(const Model& model, std::span<const TokenId> ids, std::span<const std::int32_t> types) {
  const auto refuse = [](std::string expected, std::string found) {
    throw UsageError({.id = "usage.token_types",
                      .expected = std::move(expected),
                      .found = std::move(found),
                      .where = "",
                      .remedy = "pass one token type of this model for each token, or none"});
  };
  if (!types.empty() && types.size() != ids.size()) {
    refuse(std::to_string(ids.size()) + " token types, one for each token", std::to_string(types.size()));
  }
  const std::size_t known = std::max<std::size_t>(model.info().token_types, 1);
  for (const std::int32_t type : types) {
    if (type >= 0 && static_cast<std::size_t>(type) < known) continue;
    refuse("token types from 0 to " + std::to_string(known - 1), std::to_string(type));
  }
}

/// A text and how it goes through a model.
struct Feed {
  const Model& model;
  std::span<const TokenId> ids;
  std::span<const std::int32_t> token_types = {};  ///< empty: all 0
  std::size_t chunk = k_default_chunk;
};

inline std::vector<nn::Row> rows_of(const Feed& work, std::size_t first, std::size_t count) {
  std::vector<nn::Row> rows(count);
  for (std::size_t index = 0; index < count; ++index) {
    rows[index].token = work.ids[first + index];
    rows[index].slot = static_cast<std::uint32_t>(first + index);
    rows[index].position = static_cast<std::int32_t>(first + index);
    rows[index].segment = work.token_types.empty() ? 0 : work.token_types[first + index];
  }
  work.model.state().network->place_rows(rows, nn::ProgramRole::main);
  return rows;
}

/// Feeds `ids` to a fresh sequence in steps of `chunk` and calls `after_step(first_token)` after each. What sees the
/// whole text from every place (an encoder) gets it in one step.
template <class AfterStep>
void feed(const Feed& work, nn::Session& session, const nn::ProbeCallback& probe, AfterStep&& after_step) {
  nn::KvCache cache(work.model.state().cache_layout);
  const nn::BatchSequence sequence{
      .cache = &cache, .source = nullptr, .frequency_length = static_cast<std::uint32_t>(work.ids.size())};
  const std::size_t chunk = work.model.info().kind == ModelKind::encoder ? work.ids.size() : work.chunk;
  for (std::size_t first = 0; first < work.ids.size(); first += chunk) {
    const std::vector<nn::Row> rows = rows_of(work, first, std::min(chunk, work.ids.size() - first));
    session.run({rows, {&sequence, 1}}, {}, probe);
    after_step(first);
  }
}

/// Puts the rows of steps together, by name.
class Collector {
 public:
  Collector(std::size_t tokens, std::size_t heads) : tokens_(tokens), heads_(heads) {}

  /// The token that the first row of the next step belongs to.
  void begin_step(std::size_t first_token) { first_token_ = first_token; }

  /// A map of attention is [heads, tokens, tokens], all else [tokens, width].
  void add(std::string_view name, const ConstMatrixView& rows) {
    const bool is_map = name.starts_with("attentions.");
    const std::size_t heads = is_map ? heads_ : 1;
    const std::size_t width = static_cast<std::size_t>(rows.cols()) / heads;
    Tensor& tensor = results_[std::string(name)];
    if (tensor.values.empty()) {
      const auto n = static_cast<std::int64_t>(tokens_), w = static_cast<std::int64_t>(width);
      tensor.shape = is_map ? Shape{static_cast<std::int64_t>(heads), n, w} : Shape{n, w};
      tensor.values.resize(tokens_ * heads * width);
    }
    for (Eigen::Index row = 0; row < rows.rows(); ++row) {
      const float* from = rows.data() + row * rows.outerStride();
      const std::size_t token = first_token_ + static_cast<std::size_t>(row);
      for (std::size_t head = 0; head < heads; ++head) {
        std::copy_n(from + head * width, width, tensor.values.data() + (head * tokens_ + token) * width);
      }
    }
  }

  /// A result of the program: each row, or the one that speaks for the whole text, which is [width].
  void add_output(const std::string& name, nn::OutputRows which, const ConstMatrixView& rows) {
    if (which == nn::OutputRows::every) return add(name, rows);
    if (which == nn::OutputRows::first && first_token_ != 0) return;
    const float* row = rows.data() + (which == nn::OutputRows::first ? 0 : (rows.rows() - 1) * rows.outerStride());
    results_[name] = {.shape = {static_cast<std::int64_t>(rows.cols())}, .values = {row, row + rows.cols()}};
  }

  std::map<std::string, Tensor> results() && { return std::move(results_); }

 private:
  std::size_t tokens_, heads_, first_token_ = 0;
  std::map<std::string, Tensor> results_;
};

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
  forward_detail::check_token_types(model, ids, options.token_type_ids);
  const nn::Program program = model.state().record(
      [&](std::string_view name) {
        return (options.hidden_states && name.starts_with("hidden_states.")) ||
               (options.attentions && name.starts_with("attentions."));
      },
      ids.size());
  nn::Session session({&program, model.state().kernels, model.state().executor.get()});
  forward_detail::Collector collector(ids.size(), model.info().heads);
  const std::size_t chunk = options.chunk == 0 ? forward_detail::k_default_chunk : options.chunk;
  forward_detail::feed(
      {.model = model, .ids = ids, .token_types = options.token_type_ids, .chunk = chunk}, session,
      [&](std::string_view name, const ConstMatrixView& rows) { collector.add(name, rows); },
      [&](std::size_t first) {
        for (const auto& [name, output] : program.outputs) {
          collector.add_output(name, output.rows, session.result(name));
        }
        collector.begin_step(first + chunk);
      });
  return std::move(collector).results();
}

EIGENFORMER_INLINE std::vector<double> token_log_probabilities(const Model& model, std::span<const TokenId> ids) {
  forward_detail::check_predicts(model);
  forward_detail::check_ids(model, ids);
  nn::Session session(model.state().runner());
  std::vector<double> log_probabilities;
  forward_detail::feed({.model = model, .ids = ids}, session, {}, [&](std::size_t first) {
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
  forward_detail::check_predicts(model);
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
