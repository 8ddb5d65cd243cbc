// The tokenizers that files describe.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/folder.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenize/gguf_vocabulary.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// From a Hugging Face folder: tokenizer.json, or vocab.json with merges.txt, or vocab.txt, and what
/// tokenizer_config.json, special_tokens_map.json and added_tokens.json say about special tokens. TokenizerError
/// "tokenizer.missing" where the folder has neither, and for everything in them that is not understood; CancelledError
/// "cancelled.load" by the watch, which is asked while vocabulary and merges are read and built.
Tokenizer load_tokenizer_folder(const format::Folder& folder, format::LoadWatch watch = {});

/// From a GGUF file's vocabulary.
Tokenizer load_tokenizer_gguf(const GgufVocabulary& vocabulary);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/load_folder-inl.hpp"
#include "eigenformer/tokenize/load_gguf-inl.hpp"
#endif
