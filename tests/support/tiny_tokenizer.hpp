// A byte-level tokenizer of a few hundred tokens: every byte, some merges, and the special tokens of a chat.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/load.hpp"

namespace eigenformer_tests {

/// `end` is the end-of-text token: "<|im_end|>" or "<|endoftext|>".
inline eigenformer::Tokenizer make_tiny_tokenizer(std::string_view end = "<|im_end|>") {
  namespace tokenize = eigenformer::tokenize;
  tokenize::GgufVocabulary vocabulary;
  vocabulary.model = "gpt2";
  vocabulary.pre = "gpt-2";
  vocabulary.where = "tiny tokenizer";
  for (const char16_t character : tokenize::k_character_of_byte) {
    std::string token;
    if (character < 0x80) {
      token += static_cast<char>(character);
    } else {
      token += static_cast<char>(0xC0 | character >> 6U);
      token += static_cast<char>(0x80 | (character & 0x3FU));
    }
    vocabulary.tokens.push_back(token);
  }
  const std::pair<const char*, const char*> merges[] = {
      {"h", "e"},   {"l", "l"}, {"he", "ll"}, {"hell", "o"}, {"Ġ", "t"}, {"Ġt", "he"}, {"u", "s"}, {"e", "r"},
      {"us", "er"}, {"a", "n"}, {"Ġ", "w"},   {"i", "m"},    {"ä", "¸"}, {"ç", "ķ"},   {"ä¸", "ĸ"}};
  for (const auto& [left, right] : merges) {
    vocabulary.merges.push_back(std::string(left) + " " + right);
    vocabulary.tokens.push_back(std::string(left) + right);
  }
  vocabulary.token_types.assign(vocabulary.tokens.size(), 1);
  for (const char* special : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
    if (special == end) vocabulary.eos = static_cast<eigenformer::TokenId>(vocabulary.tokens.size());
    vocabulary.tokens.push_back(special);
    vocabulary.token_types.push_back(3);
  }
  return tokenize::load_tokenizer_gguf(vocabulary);
}

/// As SmolLM2's template, without its default system prompt.
inline constexpr const char* k_tiny_template =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + "
    "'\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

}  // namespace eigenformer_tests
