// The vocabulary and the merges of a tokenizer.json, read in one pass without a JSON library: they are nearly all of a
// file of dozens of megabytes, and nothing but strings and numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/files/vocabulary_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Moves "model.vocab" and "model.merges" of the text into `file` and gives what remains, with null in their places.
/// Nothing where anything in them is not plainly as it should be: then the JSON library reads the whole text, and has
/// the error, if it is one.
std::optional<std::string> take_large_parts(std::string_view text, TokenizerFile& file);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/large_parts-inl.hpp"
#endif
