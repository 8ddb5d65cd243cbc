// How texts go through a model and come out by name: what the entries of forward.hpp share.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/shape.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/ops/log_softmax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace forward_detail {

/// Tokens a step where the caller does not say: enough to use a weight for many rows, few enough that the logits of a
/// large vocabulary stay small.
inline constexpr std::size_t k_default_chunk = 256;

/// What ids are held against.
struct IdLimits {
  std::size_t vocabulary_size;
  std::size_t context_length;
};

inline IdLimits limits_of(const Model& model) { return {model.info().vocabulary_size, model.info().context_length}; }
inline IdLimits source_limits_of(const Model& model) {
  return {model.info().source_vocabulary_size, model.info().context_length};
}

inline void check_ids(std::span<const TokenId> ids, const IdLimits& limits) {
  if (ids.empty()) {
    throw UsageError({.id = "usage.prompt_empty",
                      .expected = "at least one token",
                      .found = "none",
                      .where = "",
                      .remedy = "pass some text or ids"});
  }
  if (ids.size() > limits.context_length) {
    throw UsageError({.id = "usage.prompt_too_long",
                      .expected = "at most " + std::to_string(limits.context_length) + " tokens",
                      .found = std::to_string(ids.size()),
                      .where = "",
                      .remedy = "shorten the text, or use a model with a longer context"});
  }
  for (std::size_t place = 0; place < ids.size(); ++place) {
    if (ids[place] >= 0 && static_cast<std::size_t>(ids[place]) < limits.vocabulary_size) continue;
    throw UsageError({.id = "usage.token_id",
                      .expected = "ids from 0 to " + std::to_string(limits.vocabulary_size - 1),
                      .found = std::to_string(ids[place]),
                      .where = "token " + std::to_string(place),
                      .remedy = "use the tokenizer that belongs to this model"});
  }
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
  const nn::KvCache* source = nullptr;  ///< of an encoder-decoder
};

/// The rows of the whole text: where a row stands may depend on those before it.
inline std::vector<nn::Row> rows_of(const Feed& work) {
  std::vector<nn::Row> rows(work.ids.size());
  for (std::size_t index = 0; index < rows.size(); ++index) {
    rows[index].token = work.ids[index];
    rows[index].slot = static_cast<std::uint32_t>(index);
    rows[index].position = static_cast<std::int32_t>(index);
    rows[index].segment = work.token_types.empty() ? 0 : work.token_types[index];
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
      .cache = &cache, .source = work.source, .frequency_length = static_cast<std::uint32_t>(work.ids.size())};
  const std::vector<nn::Row> rows = rows_of(work);
  const std::size_t chunk = work.model.info().kind == ModelKind::encoder ? rows.size() : work.chunk;
  for (std::size_t first = 0; first < rows.size(); first += chunk) {
    session.run({std::span(rows).subspan(first, std::min(chunk, rows.size() - first)), {&sequence, 1}}, {}, probe);
    after_step(first);
  }
}

/// What a Collector knows of the text.
struct CollectorText {
  std::size_t tokens = 0;
  std::size_t heads = 0;                      ///< of its attention maps
  std::optional<std::size_t> slots = {};      ///< of its attention maps, where they have room for more
  std::optional<std::size_t> end_token = {};  ///< the row that OutputRows::end_token means
};

/// Puts the rows of steps together, by name.
class Collector {
 public:
  explicit Collector(const CollectorText& text) : text_(text) {}

  /// The token that the first row of the next step belongs to.
  void begin_step(std::size_t first_token) { first_token_ = first_token; }

  /// A map of attention is [heads, tokens, slots], all else [tokens, width].
  void add(const std::string& name, const ConstMatrixView& rows) {
    const bool is_map = name.find("attentions.") != std::string::npos;
    const std::size_t heads = is_map ? text_.heads : 1;
    const std::size_t stride = static_cast<std::size_t>(rows.cols()) / heads;
    const std::size_t width = is_map ? text_.slots.value_or(stride) : stride;
    Tensor& tensor = results_[name];
    if (tensor.values.empty()) {
      const auto n = static_cast<std::int64_t>(text_.tokens), w = static_cast<std::int64_t>(width);
      tensor.shape = is_map ? Shape{static_cast<std::int64_t>(heads), n, w} : Shape{n, w};
      tensor.values.resize(text_.tokens * heads * width);
    }
    for (Eigen::Index row = 0; row < rows.rows(); ++row) {
      const float* from = rows.data() + row * rows.outerStride();
      const std::size_t token = first_token_ + static_cast<std::size_t>(row);
      for (std::size_t head = 0; head < heads; ++head) {
        std::copy_n(from + head * stride, width, tensor.values.data() + (head * text_.tokens + token) * width);
      }
    }
  }

  /// A result of the program: each row, or the one that speaks for the whole text, which is [width].
  void add_output(const std::string& name, nn::OutputRows which, const ConstMatrixView& rows) {
    if (which == nn::OutputRows::every) return add(name, rows);
    const std::size_t token = chosen_token(which);
    if (token < first_token_ || token >= first_token_ + static_cast<std::size_t>(rows.rows())) return;
    const float* row = rows.data() + static_cast<Eigen::Index>(token - first_token_) * rows.outerStride();
    results_[name] = {.shape = {static_cast<std::int64_t>(rows.cols())}, .values = {row, row + rows.cols()}};
  }

  /// Every result of a session's program.
  void add_outputs(const nn::Program& program, const nn::Session& session, const std::string& prefix = "") {
    for (const auto& [name, output] : program.outputs) add_output(prefix + name, output.rows, session.result(name));
  }

  std::map<std::string, Tensor> results() && { return std::move(results_); }

 private:
  std::size_t chosen_token(nn::OutputRows which) const {
    if (which == nn::OutputRows::end_token) return *text_.end_token;
    return which == nn::OutputRows::first ? 0 : text_.tokens - 1;
  }

  CollectorText text_;
  std::size_t first_token_ = 0;
  std::map<std::string, Tensor> results_;
};

/// The row of the last end token of a text, where the model's results are about that row.
inline std::optional<std::size_t> end_token_row(const Model& model, std::span<const TokenId> ids) {
  const auto& outputs = model.state().program.outputs;
  const bool wanted = std::any_of(outputs.begin(), outputs.end(),
                                  [](const auto& output) { return output.second.rows == nn::OutputRows::end_token; });
  if (!wanted) return std::nullopt;
  const TokenId end_token = model.state().network->info().end_token.value();
  const auto found = std::find(ids.rbegin(), ids.rend(), end_token);
  if (found != ids.rend()) return static_cast<std::size_t>(ids.rend() - found) - 1;
  throw UsageError({.id = "usage.end_token",
                    .expected = "the end token " + std::to_string(end_token) + " in the text",
                    .found = "none",
                    .where = model.info().source,
                    .remedy = "end the text with it: the result is about its row"});
}

/// Which probes the options ask for.
inline std::function<bool(std::string_view)> wanted_probes(const ForwardOptions& options) {
  return [hidden_states = options.hidden_states, attentions = options.attentions](std::string_view name) {
    return (hidden_states && name.starts_with("hidden_states.")) ||
           (attentions && (name.starts_with("attentions.") || name.starts_with("cross_attentions.")));
  };
}

inline void check_continues_texts(const Model& model, ModelKind kind) {
  if (model.info().kind == kind && model.info().head == ModelHead::language_model) return;
  throw UsageError({.id = "usage.not_generative",
                    .expected = kind == ModelKind::decoder ? "a model that predicts the next token"
                                                           : "an encoder-decoder that predicts the next token",
                    .found = "the model " + model.info().architecture + ", which does not",
                    .where = model.info().source,
                    .remedy = "use a model of that kind"});
}

/// log p of a token by the logits of one row.
inline double log_probability(const Model& model, const ConstMatrixView& logits, Eigen::Index row, TokenId token) {
  const std::span<const float> scores(row_of(logits, row), static_cast<std::size_t>(logits.cols()));
  return ops::log_probability(*model.state().kernels, scores, static_cast<std::size_t>(token));
}

/// Adds that of the token that follows each row, as far as there is one.
inline void add_log_probabilities(std::vector<double>& log_probabilities, const Model& model,
                                  const ConstMatrixView& logits, std::span<const TokenId> following) {
  const auto count = std::min(static_cast<Eigen::Index>(following.size()), logits.rows());
  for (Eigen::Index row = 0; row < count; ++row) {
    log_probabilities.push_back(log_probability(model, logits, row, following[static_cast<std::size_t>(row)]));
  }
}

}  // namespace forward_detail
}  // namespace eigenformer::inline EIGENFORMER_ABI
