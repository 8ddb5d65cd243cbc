// Tokenizers of a few tokens that spell the same short texts in many ways.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer_tests {

/// Byte-level: letters, pairs of them, the two bytes of é, one of them behind a letter too, and an end token.
inline eigenformer::Tokenizer make_byte_level_letters() {
  eigenformer::tokenize::GgufVocabulary vocabulary;
  vocabulary.model = "gpt2";
  vocabulary.pre = "gpt-2";
  vocabulary.where = "letters";
  vocabulary.tokens = {"a", "b", "c", "Ġ", "Ã", "©", "A", "ab", "bc", "ca", "abc", "aÃ", "Ã©", "©b", "BC", "<|end|>"};
  vocabulary.merges = {"a b", "b c", "c a", "ab c", "a Ã", "Ã ©", "© b"};
  vocabulary.token_types.assign(vocabulary.tokens.size(), 1);
  vocabulary.token_types.back() = 3;
  vocabulary.eos = static_cast<eigenformer::TokenId>(vocabulary.tokens.size() - 1);
  return eigenformer::tokenize::load_tokenizer_gguf(vocabulary);
}

/// Pieces with byte fallback: bytes that stand side by side are one text, or none of them is. An end token comes last.
inline eigenformer::Tokenizer make_byte_fallback_letters() {
  eigenformer::tokenize::GgufVocabulary vocabulary;
  vocabulary.model = "llama";
  vocabulary.where = "letters";
  vocabulary.tokens = {"<unk>", "a", "b", "c", "ab", "bc", "ca", "é", "<0xC3>", "<0xA9>", "<0x61>", "<0x62>", "</s>"};
  vocabulary.token_types = {2, 1, 1, 1, 1, 1, 1, 1, 6, 6, 6, 6, 3};
  vocabulary.scores.assign(vocabulary.tokens.size(), 0);
  vocabulary.unknown = 0;
  vocabulary.eos = static_cast<eigenformer::TokenId>(vocabulary.tokens.size() - 1);
  vocabulary.add_bos = false;
  vocabulary.add_space_prefix = false;
  return eigenformer::tokenize::load_tokenizer_gguf(vocabulary);
}

}  // namespace eigenformer_tests
