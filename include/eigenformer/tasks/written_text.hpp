// The text that an encoder-decoder writes about another: what translations and summaries share. For the library's own
// rooms.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tasks/require_head.hpp"
#include "eigenformer/tasks/unsaid_options.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// How a text is to be read and answered.
struct WritingPlan {
  std::string prefix = {};  ///< what is put before the text
  EncodeOptions encode = {};
  LongText long_text = LongText::refuse;
  GenerateOptions generation = {};
  UnsaidOptions unsaid = UnsaidOptions::of_model;
};

/// About the text of that number, which messages name.
inline std::string write_about(const Model& model, std::size_t number, std::string_view text, const WritingPlan& plan) {
  const std::string source = plan.prefix + std::string(text);
  std::vector<TokenId> ids = model.tokenizer().encode(source, plan.encode);
  const std::size_t context_length = model.info().context_length;
  if (plan.long_text == LongText::cut && ids.size() > context_length) {
    ids = model.tokenizer()
              .encode_truncated({.first = source}, {.max_length = context_length, .encode = plan.encode})
              .ids;
  }
  require_length(number, ids.size(), context_length);
  return generate(model, ids, plan.generation).front().text;
}

/// About each, one after the other.
inline std::vector<std::string> write_about_all(const Model& model, std::span<const std::string_view> texts,
                                                WritingPlan plan) {
  if (plan.unsaid == UnsaidOptions::of_model) plan.generation = generation_options(model, {}, plan.generation);
  plan.generation.num_return_sequences = 1;
  std::vector<std::string> written;
  for (const std::string_view text : texts) written.push_back(write_about(model, written.size(), text, plan));
  return written;
}

inline void require_writer(const Model& model, std::string_view task) {
  require_kind(model, {ModelKind::encoder_decoder}, task);
  require_head(model, {ModelHead::language_model}, task);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
