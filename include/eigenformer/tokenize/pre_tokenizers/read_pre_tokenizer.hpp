// The pre-tokenizer of a tokenizer.json.
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Null for null. TokenizerError "tokenizer.component" for a type or value that is not known, and those of patterns.
std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const format::Json& value, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pre_tokenizers/read_pre_tokenizer-inl.hpp"
#endif
