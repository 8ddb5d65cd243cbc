// What a GGUF file says about its tokenizer, as plain values: whoever reads the file fills it in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/text_list.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Each member is the metadata key `tokenizer.ggml.<name>`; https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
struct GgufVocabulary {
  std::string model = {};  ///< "gpt2" is byte-level BPE, "bert" WordPiece, "llama" and "t5" have scores
  std::string pre = {};    ///< which pre-tokenizer: "smollm", "llama-bpe"; empty where the key is absent
  TextList tokens = {};    ///< by id
  TextList merges = {};    ///< "left right", most important first
  std::vector<std::int32_t> token_types =
      {};                                 ///< one a token, or none at all: 1 normal, 3 control, 4 added by a user, ...
  std::vector<float> scores = {};         ///< one a token, for "llama" and "t5"
  std::string precompiled_charsmap = {};  ///< sentencepiece's table of replacements, for "t5"; may be empty
  std::optional<TokenId> bos = {}, eos = {}, unknown = {}, padding = {};
  std::optional<TokenId> separator = {}, classifier = {}, mask = {};
  std::optional<bool> add_bos = {}, add_eos = {}, add_space_prefix = {}, remove_extra_whitespaces = {};
  std::string where = {};        ///< the file, for messages
  format::LoadWatch watch = {};  ///< asked while the tokenizer is made
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
