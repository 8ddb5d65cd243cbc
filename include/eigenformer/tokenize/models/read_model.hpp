// The model of a tokenizer.json.
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/tokenize/files/vocabulary_file.hpp"
#include "eigenformer/tokenize/models/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// `value` is what read_tokenizer_json leaves of the model, `file` what it took out. TokenizerError
/// "tokenizer.component" for a type or value that is not known, and those of the models.
std::unique_ptr<const Model> read_model(const format::Json& value, TokenizerFile&& file, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/read_model-inl.hpp"
#endif
