// The post-processor of a tokenizer.json.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/tokenize/post_processors/post_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Null for null. Ids of templates must be in the vocabulary: `vocabulary_size` is one more than the highest.
/// TokenizerError "tokenizer.component" for a type or value that is not known.
std::unique_ptr<const PostProcessor> read_post_processor(const format::Json& value, std::size_t vocabulary_size,
                                                         const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/post_processors/read_post_processor-inl.hpp"
#endif
