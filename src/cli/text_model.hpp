// What a model knows about text, without its weights.
#pragma once

#include <string>

#include "eigenformer/loading.hpp"
#include "eigenformer/tokenizer.hpp"

namespace cli {

namespace ef = eigenformer;

/// Tokenizer and chat template of a folder, a .gguf file or a fetched model.
ef::TextParts open_text(const std::string& model);
/// Throws TokenizerError "tokenizer.missing" where there is none.
ef::Tokenizer open_tokenizer(const std::string& model);

}  // namespace cli
