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

/// The tokens that begin a result and end a text.
struct EndTokens {
  std::vector<TokenId> begin, separator;
};

/// [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with the second text in a segment of its own.
inline TemplateProcessing::Templates bert_templates(const EndTokens& tokens) {
  TemplateProcessing::Templates templates;
  templates.single = {{.ids = tokens.begin}, {.text = 0}, {.ids = tokens.separator}};
  templates.pair = templates.single;
  templates.pair.push_back({.text = 1, .type_id = 1});
  templates.pair.push_back({.type_id = 1, .ids = tokens.separator});
  return templates;
}

/// <s> A </s>, and <s> A </s> </s> B </s>, all in one segment.
inline TemplateProcessing::Templates roberta_templates(const EndTokens& tokens) {
  TemplateProcessing::Templates templates;
  templates.single = {{.ids = tokens.begin}, {.text = 0}, {.ids = tokens.separator}};
  templates.pair = templates.single;
  templates.pair.push_back({.ids = tokens.separator});
  templates.pair.push_back({.text = 1});
  templates.pair.push_back({.ids = tokens.separator});
  return templates;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
