// Tokenizers of the time before tokenizer.json: a vocabulary in vocab.txt, or in vocab.json and merges.txt, and a class
// that has the stages.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/folder.hpp"
#include "eigenformer/tokenize/files/tokenizer_class.hpp"
#include "eigenformer/tokenize/pipeline.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Which files there are, and who is asked while they are read and built.
struct VocabularyReading {
  VocabularyFiles files;
  format::LoadWatch watch;
};

/// Fills the pipeline. TokenizerError "tokenizer.class" where no file names a class that is known.
void read_vocabulary_files(const format::Folder& folder, VocabularyReading reading, Pipeline& pipeline);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/load_vocabulary_files-inl.hpp"
#endif
