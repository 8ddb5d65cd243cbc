// Tokenizers of a folder that has a model of the sentencepiece library and no tokenizer.json.
#pragma once

#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/folder.hpp"
#include "eigenformer/tokenize/files/special_tokens.hpp"
#include "eigenformer/tokenize/pipeline.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Whether there is a spiece.model, sentencepiece.bpe.model, tokenizer.model, or source.spm.
bool has_sentencepiece_model(const format::Folder& folder);

/// Builds every stage as the tokenizer's class has it (files/sentencepiece_class.hpp). The ids are those that the
/// library gives, numbered as the class does. TokenizerError "tokenizer.class" for another class.
void read_sentencepiece_folder(const format::Folder& folder, format::LoadWatch watch, Pipeline& pipeline);

/// Names the tokens that the class takes for granted ("unk_token") where no file does and tokenizer.json adds them.
void name_tokens_of_class(const format::Folder& folder, const std::vector<NumberedToken>& added,
                          TokenizerConfig& config);

/// The languages of a class that marks them, for a pipeline that has its tokens.
void add_languages(const format::Folder& folder, const TokenizerConfig& config, Pipeline& pipeline);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/load_sentencepiece-inl.hpp"
#endif
