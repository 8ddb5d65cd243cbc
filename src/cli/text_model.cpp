#include "cli/text_model.hpp"

#include "eigenformer/find_model.hpp"

namespace cli {

ef::TextParts open_text(const std::string& model) { return ef::loading::load_text_parts(ef::find_model(model)); }

ef::Tokenizer open_tokenizer(const std::string& model) {
  const ef::TextParts text = open_text(model);
  if (!text.tokenizer) ef::raise(*text.tokenizer_error);
  return *text.tokenizer;
}

}  // namespace cli
