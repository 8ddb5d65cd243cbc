// What a model's own files say about every text that it makes. For the library's own rooms.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Keys of generation_config.json that decide what an encoder-decoder begins with, ends with and never says.
/// https://huggingface.co/docs/transformers/main_classes/text_generation
struct GenerationDefaults {
  std::optional<TokenId> decoder_start_token = {};   ///< decoder_start_token_id
  std::optional<TokenId> begin_token = {};           ///< bos_token_id, which stands in where nothing says the former
  std::vector<TokenId> forced_first_tokens = {};     ///< forced_bos_token_id: an id or a list
  std::vector<TokenId> forced_last_tokens = {};      ///< forced_eos_token_id: an id or a list
  std::vector<std::vector<TokenId>> bad_words = {};  ///< bad_words_ids
  std::optional<std::size_t> max_length = {};
  std::optional<TokenId> padding_token = {};  ///< pad_token_id
  std::optional<std::string> prefix = {};     ///< what is put before every text: "prefix" of config.json
  /// What is put before a text for a task: "prefix" of each of task_specific_params, "translation_en_to_de".
  std::map<std::string, std::string> task_prefixes = {};
};

/// Reads the text of a generation_config.json (or of a config.json, where older models keep the same keys). What is of
/// another type, or names a token beyond the vocabulary, is left out, as is everything where the text is no JSON
/// object.
GenerationDefaults read_generation_defaults(std::string_view json_text, std::size_t vocabulary_size);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generation_defaults-inl.hpp"
#endif
