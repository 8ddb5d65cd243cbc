#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/format/json.hpp"
#include "eigenformer/generate/generation_config.hpp"
#include "eigenformer/generate/generation_config_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace generation_config_detail {

using Value = GenerationConfigValue;

/// What the object says. Tokens are drawn only where do_sample is true.
struct Reading {
  GenerateOptions options = {};
  bool do_sample = false;
  double temperature = 1;  // transformers' own default
  std::optional<std::size_t> top_k = {};
};

inline constexpr std::size_t k_default_top_k = 50;  // transformers' own, where tokens are drawn

/// A key: honoured where it can be read, allowed at one number alone where `only` is given, else known to change no
/// token (it says what is returned, how it is computed, or which model it was).
struct Key {
  std::string_view name;
  void (*read)(Reading& reading, const Value& value) = nullptr;
  std::optional<double> only = {};
};

/// The end tokens of the object stand in place of the model's own.
inline void read_end_tokens(Reading& reading, const Value& value) {
  reading.options.ignore_end_tokens = true;
  reading.options.stop_tokens = value.tokens();
}

// clang-format off: one row a key
inline const std::array k_keys = {
    Key{"_from_model_config"},
    Key{"assistant_confidence_threshold",
        [](Reading& r, const Value& v) { r.options.assistant_confidence_threshold = v.number(); }},
    Key{"assistant_early_exit"},
    Key{"assistant_lookbehind"},
    Key{"bad_words_ids", [](Reading& r, const Value& v) { r.options.bad_words = v.sequences(); }},
    Key{"begin_suppress_tokens", [](Reading& r, const Value& v) { r.options.begin_suppress_tokens = v.tokens(); }},
    Key{"bos_token_id"},
    Key{"cache_config"},
    Key{"cache_implementation"},
    Key{"compile_config"},
    Key{"continuous_batching_config"},
    Key{"decoder_start_token_id", [](Reading& r, const Value& v) { r.options.decoder_start_token = v.token(); }},
    Key{"disable_compile"},
    Key{"diversity_penalty", [](Reading& r, const Value& v) { r.options.diversity_penalty = v.number(); }},
    Key{"do_sample", [](Reading& r, const Value& v) { r.do_sample = v.flag(); }},
    Key{"early_stopping", [](Reading& r, const Value& v) { r.options.early_stopping = v.early_stopping(); }},
    Key{"encoder_no_repeat_ngram_size",
        [](Reading& r, const Value& v) { r.options.encoder_no_repeat_ngram_size = v.count(); }},
    Key{"encoder_repetition_penalty",
        [](Reading& r, const Value& v) { r.options.encoder_repetition_penalty = v.number(); }},
    Key{"eos_token_id", read_end_tokens},
    Key{"epsilon_cutoff", [](Reading& r, const Value& v) { r.options.epsilon_cutoff = v.number(); }},
    Key{"eta_cutoff", [](Reading& r, const Value& v) { r.options.eta_cutoff = v.number(); }},
    Key{"exponential_decay_length_penalty",
        [](Reading& r, const Value& v) { r.options.exponential_decay_length_penalty = v.decay(); }},
    Key{"forced_bos_token_id", [](Reading& r, const Value& v) { r.options.forced_first_tokens = v.tokens(); }},
    Key{"forced_eos_token_id", [](Reading& r, const Value& v) { r.options.forced_last_tokens = v.tokens(); }},
    Key{"guidance_scale", [](Reading& r, const Value& v) { r.options.guidance_scale = v.number(); }},
    Key{"is_assistant"},
    Key{"length_penalty", [](Reading& r, const Value& v) { r.options.length_penalty = v.number(); }},
    Key{"low_memory"},
    Key{"max_length", [](Reading& r, const Value& v) { r.options.max_length = v.count(); }},
    Key{"max_matching_ngram_size", [](Reading& r, const Value& v) { r.options.max_matching_ngram_size = v.count(); }},
    Key{"max_new_tokens", [](Reading& r, const Value& v) { r.options.max_new_tokens = v.count(); }},
    Key{"min_length", [](Reading& r, const Value& v) { r.options.min_length = v.count(); }},
    Key{"min_new_tokens", [](Reading& r, const Value& v) { r.options.min_new_tokens = v.count(); }},
    Key{"min_p", [](Reading& r, const Value& v) { r.options.min_p = v.number(); }},
    Key{"no_repeat_ngram_size", [](Reading& r, const Value& v) { r.options.no_repeat_ngram_size = v.count(); }},
    Key{"num_assistant_tokens", [](Reading& r, const Value& v) { r.options.num_assistant_tokens = v.count(); }},
    Key{"num_assistant_tokens_schedule"},
    Key{"num_beam_groups", [](Reading& r, const Value& v) { r.options.num_beam_groups = v.count(); }},
    Key{"num_beams", [](Reading& r, const Value& v) { r.options.num_beams = v.count(); }},
    Key{"num_return_sequences", [](Reading& r, const Value& v) { r.options.num_return_sequences = v.count(); }},
    Key{"output_attentions"},
    Key{"output_hidden_states"},
    Key{"output_logits"},
    Key{"output_scores"},
    Key{"pad_token_id"},
    Key{"penalty_alpha", nullptr, 0},
    Key{"prefill_chunk_size"},
    Key{"prompt_lookup_num_tokens", [](Reading& r, const Value& v) { r.options.prompt_lookup_num_tokens = v.count(); }},
    Key{"remove_invalid_values"},
    Key{"renormalize_logits", [](Reading& r, const Value& v) { r.options.renormalize_logits = v.flag(); }},
    Key{"repetition_penalty", [](Reading& r, const Value& v) { r.options.repetition_penalty = v.number(); }},
    Key{"return_dict_in_generate"},
    Key{"return_legacy_cache"},
    Key{"sequence_bias", [](Reading& r, const Value& v) { r.options.sequence_bias = v.biases(); }},
    Key{"stop_strings", [](Reading& r, const Value& v) { r.options.stop = v.texts(); }},
    Key{"suppress_tokens", [](Reading& r, const Value& v) { r.options.suppress_tokens = v.tokens(); }},
    Key{"target_lookbehind"},
    Key{"temperature", [](Reading& r, const Value& v) { r.temperature = v.number(); }},
    Key{"top_h", [](Reading& r, const Value& v) { r.options.top_h = v.number(); }},
    Key{"top_k", [](Reading& r, const Value& v) { r.top_k = v.count(); }},
    Key{"top_p", [](Reading& r, const Value& v) { r.options.top_p = v.number(); }},
    Key{"transformers_version"},
    Key{"typical_p", [](Reading& r, const Value& v) { r.options.typical_p = v.number(); }},
    Key{"use_cache"},
};
// clang-format on

/// null, false and what is empty do nothing, whatever the key.
inline bool is_off(const nlohmann::json& value) {
  if (value.is_null() || value == false) return true;
  return (value.is_string() || value.is_array() || value.is_object()) && value.empty();
}

inline void read(Reading& reading, const Value& value) {
  if (is_off(value.value)) return;
  const auto key = std::ranges::find(k_keys, value.key, &Key::name);
  if (key == k_keys.end()) value.refuse("a key that this version honours");
  if (key->read != nullptr) return key->read(reading, value);
  if (!key->only || (value.value.is_number() && value.value == *key->only)) return;
  value.refuse("the value " + std::to_string(static_cast<int>(*key->only)) + ", for this version does not have it");
}

inline nlohmann::json object_of(std::string_view text, const std::string& where) {
  nlohmann::json object = format::parse_json(text, where);
  if (!object.is_object()) Value{where, "the whole", object}.refuse("a JSON object");
  return object;
}

inline void read_all(Reading& reading, const nlohmann::json& object, const std::string& where) {
  for (const auto& [key, value] : object.items()) read(reading, {where, key, value});
}

/// The model's own object, without the keys that `given` sets and those that were honoured when the model was loaded.
inline nlohmann::json own_object(const ModelState& model, const nlohmann::json& given, const std::string& where) {
  if (!model.generation_config) return nlohmann::json::object();
  nlohmann::json object = object_of(*model.generation_config, where);
  for (const auto& [key, value] : given.items()) {
    if (!value.is_null()) object.erase(key);
  }
  object.erase("eos_token_id");
  if (!model.source) object.erase("decoder_start_token_id");
  return object;
}

}  // namespace generation_config_detail

EIGENFORMER_INLINE GenerateOptions read_generation_config(const ModelState& model, const GenerationConfig& config) {
  using namespace generation_config_detail;
  const std::string own_where = "generation_config.json of " + model.info.source;
  const nlohmann::json given = config.json.empty() ? nlohmann::json::object() : object_of(config.json, config.where);
  Reading reading;
  read_all(reading, own_object(model, given, own_where), own_where);
  read_all(reading, given, config.where);
  reading.options.temperature = reading.do_sample ? reading.temperature : 0;
  reading.options.top_k = reading.top_k.value_or(reading.do_sample ? k_default_top_k : 0);
  if (reading.options.num_beams.value_or(1) == 1) {  // of no account then
    reading.options.length_penalty.reset();
    reading.options.early_stopping.reset();
  }
  return reading.options;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
