// GGUF vocabularies of the kind "bert": WordPiece.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/gguf_vocabulary.hpp"
#include "eigenformer/tokenize/pipeline.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Sets every stage but the named tokens. The errors of WordPiece, and TokenizerError "tokenizer.unknown_token", or
/// "tokenizer.gguf_special_id" where the file does not say what begins and ends a text.
void read_gguf_words(const GgufVocabulary& vocabulary, Pipeline& pipeline);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/load_gguf_words-inl.hpp"
#endif
