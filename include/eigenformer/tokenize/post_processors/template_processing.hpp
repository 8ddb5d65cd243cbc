// Tokens before, between and after the texts: [CLS] A [SEP] B [SEP], or Llama 3's <|begin_of_text|> A.
#pragma once

#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/post_processors/post_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class TemplateProcessing final : public PostProcessor {
 public:
  /// What stands around one text, and around two.
  struct Templates {
    std::vector<LayoutPart> single, pair;
  };
  explicit TemplateProcessing(Templates templates) : templates_(std::move(templates)) {}

  std::size_t arranges() const override { return 1; }
  void arrange(Layout& layout) const override {
    layout.parts.clear();
    for (const LayoutPart& part : layout.texts == 2 ? templates_.pair : templates_.single) {
      if (part.text >= 0 || layout.add_special_tokens) layout.parts.push_back(part);
    }
  }

 private:
  Templates templates_;
};

/// The same tokens around each text.
inline TemplateProcessing::Templates around_each_text(const std::vector<TokenId>& before,
                                                      const std::vector<TokenId>& after) {
  TemplateProcessing::Templates templates;
  for (std::int32_t text = 0; text < 2; ++text) {
    for (std::vector<LayoutPart>* parts : {&templates.single, &templates.pair}) {
      if (text == 1 && parts == &templates.single) continue;
      if (!before.empty()) parts->push_back({.type_id = text, .ids = before});
      parts->push_back({.text = text, .type_id = text});
      if (!after.empty()) parts->push_back({.type_id = text, .ids = after});
    }
  }
  return templates;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
