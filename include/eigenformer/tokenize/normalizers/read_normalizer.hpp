// The normalizer of a tokenizer.json.
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Null for null. TokenizerError "tokenizer.component" for a type or value that is not known.
std::unique_ptr<const Normalizer> read_normalizer(const format::Json& value, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/read_normalizer-inl.hpp"
#endif
