#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/sentence_modules.hpp"
#include "eigenformer/tasks/embed.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/pool_rows.hpp"
#include "eigenformer/tasks/text_batch.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace embed_detail {

/// Texts that are tokenized before they are computed: enough for a full step of short ones.
inline constexpr std::size_t k_texts_at_once = 256;

/// What modules.json and the options come to.
struct Plan {
  std::vector<Pooling> pooling;
  const SentenceModules* modules = nullptr;  ///< null: none
  bool normalize = true;
  bool cut = false;
  std::size_t max_length = 0;
  std::string prompt;
  std::size_t left_out = 0;  ///< tokens of the prompt that do not count
};

inline const SentenceModules* modules_of(const Model& model) {
  if (model.state().sentence_error) raise(*model.state().sentence_error);
  return model.state().sentence_modules.get();
}

inline std::vector<Pooling> pooling_of(const Model& model, const SentenceModules* modules, Pooling chosen) {
  if (chosen != Pooling::automatic) return {chosen};
  if (modules != nullptr) return modules->pooling;
  return {model.info().kind == ModelKind::decoder ? Pooling::last : Pooling::mean};
}

inline std::string prompt_of(const Model& model, const SentenceModules* modules, const EmbedOptions& options) {
  if (options.prompt) return *options.prompt;
  const std::string& name =
      options.prompt_name.empty() && modules != nullptr ? modules->default_prompt : options.prompt_name;
  if (name.empty()) return "";
  if (modules != nullptr && modules->prompts.contains(name)) return modules->prompts.at(name);
  std::string known;
  if (modules != nullptr) {
    for (const auto& [each, text] : modules->prompts) known += (known.empty() ? "" : ", ") + each;
  }
  throw UsageError({.id = "usage.prompt_name",
                    .expected = known.empty() ? "no name: the model has no prompts" : "one of " + known,
                    .found = "'" + name + "'",
                    .where = model.info().source,
                    .remedy = "give one of the names, or the text itself as EmbedOptions::prompt"});
}

/// Tokens of the prompt, without a special token at its end.
inline std::size_t prompt_tokens(const Tokenizer& tokenizer, const std::string& prompt) {
  const std::vector<TokenId> ids = tokenizer.encode(prompt);
  return ids.empty() ? 0 : ids.size() - (tokenizer.is_special(ids.back()) ? 1 : 0);
}

inline void check_layers_fit(const Model& model, const Plan& plan) {
  const std::size_t pooled = plan.pooling.size() * model.info().hidden_size;
  if (plan.modules == nullptr || plan.modules->layers.empty() || plan.modules->inputs == pooled) return;
  throw UsageError({.id = "usage.pooling",
                    .expected = "a pooling that gives " + std::to_string(plan.modules->inputs) +
                                " numbers, which the model's layers over it read",
                    .found = std::to_string(pooled),
                    .where = model.info().source,
                    .remedy = "leave the pooling to the model"});
}

inline Plan make_plan(const Model& model, const EmbedOptions& options) {
  const SentenceModules* modules = modules_of(model);
  static_cast<void>(model.tokenizer());  // says so where there is none, even without a text
  Plan plan{.pooling = pooling_of(model, modules, options.pooling),
            .modules = modules,
            .normalize = options.normalize.value_or(modules == nullptr || modules->normalize),
            .cut = options.long_text == LongText::cut || (options.long_text == LongText::automatic && modules),
            .max_length = model.info().context_length,
            .prompt = prompt_of(model, modules, options)};
  for (const std::size_t limit : {modules == nullptr ? 0 : modules->max_length, options.max_length}) {
    if (limit != 0) plan.max_length = std::min(plan.max_length, limit);
  }
  if (modules != nullptr && !modules->include_prompt) plan.left_out = prompt_tokens(model.tokenizer(), plan.prompt);
  check_layers_fit(model, plan);
  return plan;
}

/// The library sentence-transformers takes white space from both ends of a text.
inline std::string_view without_outer_space(std::string_view text) {
  constexpr std::string_view space = " \t\n\v\f\r";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

inline Encoding encode(const Model& model, const Plan& plan, std::string_view text, std::size_t number) {
  std::string whole = plan.prompt;
  whole.append(text);
  const std::string_view read = plan.modules == nullptr ? std::string_view(whole) : without_outer_space(whole);
  Encoding encoding = plan.cut ? model.tokenizer().encode_truncated({.first = read}, {.max_length = plan.max_length})
                               : model.tokenizer().encode_with_offsets(read);
  if (encoding.ids.empty()) {
    throw UsageError({.id = "usage.prompt_empty",
                      .expected = "at least one token",
                      .found = "none",
                      .where = "text " + std::to_string(number),
                      .remedy = "leave empty texts out: this model has no token that stands for one"});
  }
  tasks::require_length(number, encoding.ids.size(), plan.max_length);
  return encoding;
}

/// Where the last hidden states are found: an output of the model, or a probe of a program recorded for it.
struct HiddenStates {
  std::string name = "last_hidden_state";
  std::optional<nn::Program> program = {};
};

inline HiddenStates hidden_states_of(const Model& model) {
  const ModelState& state = model.state();
  const nn::Program& own = state.source ? state.source->encoder : state.program;
  HiddenStates found;
  if (own.outputs.contains(found.name)) return found;
  found.name = "hidden_states." + std::to_string(model.info().layers);
  found.program =
      state.record(nn::ProgramRole::main, {.keep = [&found](std::string_view name) { return name == found.name; }});
  return found;
}

/// The layers of modules.json over pooled vectors, one row each.
inline void run_layers(const Model& model, const SentenceModules& modules, std::span<std::vector<float>> vectors) {
  std::vector<nn::Row> rows(vectors.size());
  const std::vector<nn::BatchSequence> sequences(vectors.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows[row].vector = vectors[row].data();
    rows[row].sequence = static_cast<std::uint32_t>(row);
  }
  nn::Session session({&modules.dense, model.state().kernels, model.state().executor.get()});
  session.run({rows, sequences});
  const ConstMatrixView result = session.result("sentence_embedding");
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const float* values = row_of(result, static_cast<Eigen::Index>(row));
    vectors[row].assign(values, values + result.cols());
  }
}

/// One vector of a text's rows.
inline std::vector<float> pooled(const Plan& plan, const ConstMatrixView& rows) {
  // A text that is cut within its prompt has nothing else to be pooled: then the prompt counts.
  const std::size_t left_out = plan.left_out < static_cast<std::size_t>(rows.rows()) ? plan.left_out : 0;
  std::vector<float> vector;
  for (const Pooling pooling : plan.pooling) {
    const std::vector<float> part = tasks::pool_rows(pooling, rows, left_out);
    vector.insert(vector.end(), part.begin(), part.end());
  }
  return vector;
}

/// Embeds some texts; `first` is the number of the first.
inline std::vector<std::vector<float>> embed_some(const Model& model, const Plan& plan, const HiddenStates& states,
                                                  std::span<const std::string_view> texts, std::size_t first,
                                                  const EmbedOptions& options) {
  std::vector<Encoding> encodings;
  for (const std::string_view text : texts) encodings.push_back(encode(model, plan, text, first + encodings.size()));
  std::vector<tasks::TextInput> inputs;
  inputs.reserve(encodings.size());
  for (const Encoding& encoding : encodings) inputs.push_back(tasks::TextInput::of(encoding, model));
  std::vector<std::vector<float>> vectors;
  tasks::run_texts(
      model, inputs,
      {.outputs = {states.name}, .program = states.program ? &*states.program : nullptr, .cancel = options.cancel},
      [&](const tasks::TextOutputs& outputs) { vectors.push_back(pooled(plan, outputs[states.name])); });
  if (plan.modules != nullptr && !plan.modules->layers.empty()) run_layers(model, *plan.modules, vectors);
  if (plan.normalize) {
    for (std::vector<float>& vector : vectors) tasks::normalize_length(vector);
  }
  return vectors;
}

inline std::vector<std::vector<float>> embed_all(const Model& model, std::span<const std::string_view> texts,
                                                 const EmbedOptions& options) {
  const kernels::FloatingPointGuard guard;
  const Plan plan = make_plan(model, options);
  const HiddenStates states = hidden_states_of(model);
  std::vector<std::vector<float>> all;
  all.reserve(texts.size());
  for (std::size_t first = 0; first < texts.size(); first += k_texts_at_once) {
    const auto some = texts.subspan(first, std::min(k_texts_at_once, texts.size() - first));
    for (auto& vector : embed_some(model, plan, states, some, first, options)) all.push_back(std::move(vector));
  }
  return all;
}

}  // namespace embed_detail

EIGENFORMER_INLINE std::vector<std::vector<float>> embed(const Model& model, std::span<const std::string> texts,
                                                         const EmbedOptions& options) {
  return embed_detail::embed_all(model, std::vector<std::string_view>(texts.begin(), texts.end()), options);
}

EIGENFORMER_INLINE std::vector<float> embed(const Model& model, std::string_view text, const EmbedOptions& options) {
  return std::move(embed_detail::embed_all(model, {&text, 1}, options)[0]);
}

EIGENFORMER_INLINE Result<std::vector<std::vector<float>>> try_embed(const Model& model,
                                                                     std::span<const std::string> texts,
                                                                     const EmbedOptions& options) {
  return attempt([&] { return embed(model, texts, options); });
}

EIGENFORMER_INLINE Result<std::vector<float>> try_embed(const Model& model, std::string_view text,
                                                        const EmbedOptions& options) {
  return attempt([&] { return embed(model, text, options); });
}

EIGENFORMER_INLINE double cosine_similarity(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) {
    throw UsageError({.id = "usage.vector_sizes",
                      .expected = "two vectors of one size",
                      .found = std::to_string(a.size()) + " and " + std::to_string(b.size()) + " numbers",
                      .where = "",
                      .remedy = "compare embeddings of one model"});
  }
  const kernels::FloatingPointGuard guard;
  const double lengths = std::sqrt(tasks::dot_product(a, a)) * std::sqrt(tasks::dot_product(b, b));
  return lengths > 0.0 ? std::clamp(tasks::dot_product(a, b) / lengths, -1.0, 1.0) : 0.0;
}

EIGENFORMER_INLINE Result<double> try_cosine_similarity(std::span<const float> a, std::span<const float> b) {
  return attempt([&] { return cosine_similarity(a, b); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
