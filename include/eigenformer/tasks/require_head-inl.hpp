#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/tasks/require_head.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

namespace require_head_detail {

inline const char* kind_name(ModelKind kind) {
  switch (kind) {
    case ModelKind::decoder: return "decoder";
    case ModelKind::encoder: return "encoder";
    case ModelKind::encoder_decoder: return "encoder-decoder";
  }
  return "";
}

/// "an encoder", "a decoder".
inline std::string with_article(const std::string& words) {
  return (std::string_view("aeiou").find(words.front()) == std::string_view::npos ? "a " : "an ") + words;
}

/// "a or b or c"
template <class Values, class Name>
std::string alternatives(const Values& values, Name name) {
  std::string text;
  for (const auto value : values) text += (text.empty() ? "" : " or ") + name(value);
  return text;
}

inline std::string head_text(ModelHead head) {
  return head == ModelHead::none ? "no head" : "the head \"" + std::string(model_head_name(head)) + "\"";
}

[[noreturn]] inline void refuse(const Model& model, std::string expected, const std::string& found,
                                std::string_view task) {
  throw UsageError({.id = "usage.task",
                    .expected = std::move(expected) + ", for " + std::string(task),
                    .found = found + " (" + model.info().architecture + ")",
                    .where = model.info().source,
                    .remedy = "use a model made for this task; eigenformer inspect shows the head of one"});
}

}  // namespace require_head_detail

EIGENFORMER_INLINE void require_head(const Model& model, std::initializer_list<ModelHead> heads,
                                     std::string_view task) {
  using namespace require_head_detail;
  if (std::find(heads.begin(), heads.end(), model.info().head) != heads.end()) return;
  refuse(model, "a model with " + alternatives(heads, head_text), "one with " + head_text(model.info().head), task);
}

EIGENFORMER_INLINE void require_kind(const Model& model, std::initializer_list<ModelKind> kinds,
                                     std::string_view task) {
  using namespace require_head_detail;
  if (std::find(kinds.begin(), kinds.end(), model.info().kind) != kinds.end()) return;
  const auto text = [](ModelKind kind) { return with_article(kind_name(kind)); };
  refuse(model, alternatives(kinds, text), text(model.info().kind), task);
}

EIGENFORMER_INLINE TokenId require_mask(const Model& model) {
  if (const std::optional<TokenId> mask = model.tokenizer().mask()) return *mask;
  throw UsageError({.id = "usage.mask_token",
                    .expected = "a model whose tokenizer has a mask token",
                    .found = "one without",
                    .where = model.info().source,
                    .remedy = "use a model that was trained to fill gaps"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
