// The decoder of a tokenizer.json.
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The tokens with spaces between for null. TokenizerError "tokenizer.component" for a type or value that is not known.
std::unique_ptr<const Decoder> read_decoder(const format::Json& value, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/decoders/read_decoder-inl.hpp"
#endif
