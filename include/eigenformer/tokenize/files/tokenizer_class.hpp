// The classes of transformers' tokenizers whose stages are known where no tokenizer.json describes them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Classes with the same stages.
enum class ClassFamily : std::uint8_t { unknown, gpt2, qwen2, roberta, bert, mpnet };

/// `name` is without "Fast".
ClassFamily family_of(std::string_view name);
/// The class that transformers takes for config.json's model_type; empty for one that is none of these.
std::string_view class_of_model_type(std::string_view model_type);
/// The names of the classes that read vocab.txt, or vocab.json and merges.txt, for messages.
enum class VocabularyFiles : std::uint8_t { text, json_and_merges };
std::string classes_for(VocabularyFiles files);
bool reads(ClassFamily family, VocabularyFiles files);

/// What a class takes for a token that no file names.
struct DefaultToken {
  const char* name = "";  ///< "bos_token"
  std::string_view content = {};
  bool lstrip = false;
};
std::span<const DefaultToken> default_tokens(ClassFamily family);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/tokenizer_class-inl.hpp"
#endif
