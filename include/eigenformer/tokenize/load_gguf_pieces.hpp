// GGUF vocabularies with scores: "llama" (byte pair encoding as the sentencepiece library has it) and "t5" (Unigram).
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/gguf_vocabulary.hpp"
#include "eigenformer/tokenize/pipeline.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Sets every stage but the named tokens. The errors of the models, and TokenizerError "tokenizer.gguf_array_lengths",
/// "tokenizer.unknown_token" or "tokenizer.charsmap".
void read_gguf_pieces(const GgufVocabulary& vocabulary, Pipeline& pipeline);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/load_gguf_pieces-inl.hpp"
#endif
