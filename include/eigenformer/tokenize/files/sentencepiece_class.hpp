// The classes of transformers' tokenizers that read a model of the sentencepiece library: how each numbers the pieces,
// what it puts around a text, and which tokens it takes for granted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// What the ids of the pieces are.
enum class PieceNumbers : std::uint8_t {
  of_file,
  t5,         ///< of the file, then <extra_id_99> to <extra_id_0>
  pegasus,    ///< <pad> </s> <mask_1> <mask_2> <unk_2> to <unk_102>, then the file's from 2 on
  camembert,  ///< <s>NOTUSED <pad> </s>NOTUSED <unk> <unk>NOTUSED, then the file's from 1 on, then <mask>
  fairseq,    ///< <s> <pad> </s> <unk>, then the file's from 3 on, then the languages, then <mask>
  vocabulary  ///< those of vocab.json
};

/// How the text between two special tokens is put together again.
enum class PieceSpelling : std::uint8_t { metaspace, llama, gemma, sentencepiece };

/// The words of a text that its tokens are numbered by, and where the mark before a word lies in it.
enum class PieceWords : std::uint8_t {
  between_spaces,  ///< cut at white space; the mark lies at the first character
  from_space,      ///< each begins with the space before it, where the mark lies
  whole,           ///< what lies between two special tokens is one word
};

/// A token that the class has where no file names another.
struct ClassToken {
  const char* name = "";  ///< "bos_token"
  const char* content = "";
  bool lstrip = false;
};

struct SentencepieceClass {
  std::string_view name;
  PieceNumbers numbers = PieceNumbers::of_file;
  PieceSpelling spelling = PieceSpelling::metaspace;
  /// The template for one text and for two: "A" and "B" with ":1" for a type id, names of tokens, "lang" for the
  /// language of the text. Empty: bos_token and eos_token as the configuration asks.
  std::string_view single = {}, pair = {};
  std::span<const ClassToken> tokens = {};
  std::span<const std::string_view> languages = {};
  PieceWords words = PieceWords::between_spaces;
};

/// Null where there is none of this name (without "Fast").
const SentencepieceClass* find_sentencepiece_class(std::string_view name);
/// The class for config.json's model_type; empty for one that is none of these.
std::string_view sentencepiece_class_of(std::string_view model_type);
/// All names, for messages.
std::string sentencepiece_classes();

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/sentencepiece_class-inl.hpp"
#endif
