#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/generation_config.hpp"
#include "eigenformer/generate/generation_config_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace generation_config_detail {

using format::Json;
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

/// An option that the host leaves to the files: it stands at its default.
template <auto Member, auto Read>
void option(Reading& reading, const Value& value) {
  auto read = (value.*Read)();
  auto& target = reading.options.*Member;
  if (target == GenerateOptions().*Member) target = std::move(read);
}

/// The end tokens of the object stand in place of the model's own.
inline void read_end_tokens(Reading& reading, const Value& value) {
  std::vector<TokenId> tokens = value.tokens();
  if (reading.options.ignore_end_tokens || !reading.options.stop_tokens.empty()) return;
  reading.options.ignore_end_tokens = true;
  reading.options.stop_tokens = std::move(tokens);
}

// clang-format off: one row a key
inline const std::array k_keys = {
    Key{"_from_model_config"},
    Key{"assistant_confidence_threshold", option<&GenerateOptions::assistant_confidence_threshold, &Value::number>},
    Key{"assistant_early_exit"},
    Key{"assistant_lookbehind"},
    Key{"bad_words_ids", option<&GenerateOptions::bad_words, &Value::sequences>},
    Key{"begin_suppress_tokens", option<&GenerateOptions::begin_suppress_tokens, &Value::tokens>},
    Key{"bos_token_id"},
    Key{"cache_config"},
    Key{"cache_implementation"},
    Key{"compile_config"},
    Key{"continuous_batching_config"},
    Key{"decoder_start_token_id", option<&GenerateOptions::decoder_start_token, &Value::token>},
    Key{"disable_compile"},
    Key{"diversity_penalty", option<&GenerateOptions::diversity_penalty, &Value::number>},
    Key{"do_sample", [](Reading& r, const Value& v) { r.do_sample = v.flag(); }},
    Key{"early_stopping", option<&GenerateOptions::early_stopping, &Value::early_stopping>},
    Key{"encoder_no_repeat_ngram_size", option<&GenerateOptions::encoder_no_repeat_ngram_size, &Value::count>},
    Key{"encoder_repetition_penalty", option<&GenerateOptions::encoder_repetition_penalty, &Value::number>},
    Key{"eos_token_id", read_end_tokens},
    Key{"epsilon_cutoff", option<&GenerateOptions::epsilon_cutoff, &Value::number>},
    Key{"eta_cutoff", option<&GenerateOptions::eta_cutoff, &Value::number>},
    Key{"exponential_decay_length_penalty", option<&GenerateOptions::exponential_decay_length_penalty, &Value::decay>},
    Key{"forced_bos_token_id", option<&GenerateOptions::forced_first_tokens, &Value::tokens>},
    Key{"forced_eos_token_id", option<&GenerateOptions::forced_last_tokens, &Value::tokens>},
    Key{"guidance_scale", option<&GenerateOptions::guidance_scale, &Value::number>},
    Key{"is_assistant"},
    Key{"length_penalty", option<&GenerateOptions::length_penalty, &Value::number>},
    Key{"low_memory"},
    Key{"max_length", option<&GenerateOptions::max_length, &Value::count>},
    Key{"max_matching_ngram_size", option<&GenerateOptions::max_matching_ngram_size, &Value::count>},
    Key{"max_new_tokens", option<&GenerateOptions::max_new_tokens, &Value::count>},
    Key{"min_length", option<&GenerateOptions::min_length, &Value::count>},
    Key{"min_new_tokens", option<&GenerateOptions::min_new_tokens, &Value::count>},
    Key{"min_p", option<&GenerateOptions::min_p, &Value::number>},
    Key{"no_repeat_ngram_size", option<&GenerateOptions::no_repeat_ngram_size, &Value::count>},
    Key{"num_assistant_tokens", option<&GenerateOptions::num_assistant_tokens, &Value::count>},
    Key{"num_assistant_tokens_schedule"},
    Key{"num_beam_groups", option<&GenerateOptions::num_beam_groups, &Value::count>},
    Key{"num_beams", option<&GenerateOptions::num_beams, &Value::count>},
    Key{"num_return_sequences", option<&GenerateOptions::num_return_sequences, &Value::count>},
    Key{"output_attentions"},
    Key{"output_hidden_states"},
    Key{"output_logits"},
    Key{"output_scores"},
    Key{"pad_token_id"},
    Key{"penalty_alpha", nullptr, 0},
    Key{"prefill_chunk_size"},
    Key{"prompt_lookup_num_tokens", option<&GenerateOptions::prompt_lookup_num_tokens, &Value::count>},
    Key{"remove_invalid_values"},
    Key{"renormalize_logits", option<&GenerateOptions::renormalize_logits, &Value::flag>},
    Key{"repetition_penalty", option<&GenerateOptions::repetition_penalty, &Value::number>},
    Key{"return_dict_in_generate"},
    Key{"return_legacy_cache"},
    Key{"sequence_bias", option<&GenerateOptions::sequence_bias, &Value::biases>},
    Key{"stop_strings", option<&GenerateOptions::stop, &Value::texts>},
    Key{"suppress_tokens", option<&GenerateOptions::suppress_tokens, &Value::tokens>},
    Key{"target_lookbehind"},
    Key{"temperature", [](Reading& r, const Value& v) { r.temperature = v.number(); }},
    Key{"top_h", option<&GenerateOptions::top_h, &Value::number>},
    Key{"top_k", [](Reading& r, const Value& v) { r.top_k = v.count(); }},
    Key{"top_p", option<&GenerateOptions::top_p, &Value::number>},
    Key{"transformers_version"},
    Key{"typical_p", option<&GenerateOptions::typical_p, &Value::number>},
    Key{"use_cache"},
};
// clang-format on

/// null, false and what is empty do nothing, whatever the key.
inline bool is_off(const Json& value) {
  return value.is_null() || (value.is_boolean() && !value.boolean()) || value.is_empty();
}

inline void read(Reading& reading, const Value& value) {
  if (is_off(value.value)) return;
  const auto key = std::ranges::find(k_keys, value.key, &Key::name);
  if (key == k_keys.end()) value.refuse("a key that this version honours");
  if (key->read != nullptr) return key->read(reading, value);
  if (!key->only || (value.value.is_number() && value.value.number() == *key->only)) return;
  value.refuse("the value " + std::to_string(static_cast<int>(*key->only)) + ", for this version does not have it");
}

inline Json object_of(std::string_view text, const std::string& where) {
  Json object = format::parse_json(text, where);
  if (!object.is_object()) Value{where, "the whole", object}.refuse("a JSON object");
  return object;
}

inline void read_all(Reading& reading, const Json& object, const std::string& where) {
  for (const auto& [key, value] : object.members()) read(reading, {where, key, value});
}

/// What the reading comes to beside what the host says.
inline GenerateOptions settled(const Reading& reading, const GenerateOptions& given) {
  GenerateOptions options = reading.options;
  if (given.temperature == 0) options.temperature = reading.do_sample ? reading.temperature : 0;
  if (given.top_k == 0) options.top_k = reading.top_k.value_or(reading.do_sample ? k_default_top_k : 0);
  // Of two keys for one thing, the file's does not go before the host's.
  if (given.max_length && !given.max_new_tokens) options.max_new_tokens.reset();
  if (given.min_length > 0 && !given.min_new_tokens) options.min_new_tokens.reset();
  if (given.num_beams == std::size_t{1}) {  // then the file's groups are of no account
    options.num_beam_groups = given.num_beam_groups;
    options.diversity_penalty = given.diversity_penalty;
  }
  return options;
}

/// Takes away the keys that `given` sets, and those that were honoured when the model was loaded.
inline Json without_known(Json object, const Json& given, const ModelState& model) {
  for (const auto& [key, value] : given.members()) {
    if (!value.is_null()) object.erase(key);
  }
  object.erase("eos_token_id");
  if (!model.source) object.erase("decoder_start_token_id");
  return object;
}

/// config.json has keys of many other kinds as well, so what could not be honoured is passed over. What an
/// encoder-decoder begins with, ends with and never says was read from it when the model was loaded.
inline void read_model_config(Reading& reading, Json object, const ModelState& model) {
  const std::string where = "config.json of " + model.info.source;
  for (const char* key : {"decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id", "bad_words_ids"}) {
    if (model.source) object.erase(key);
  }
  const GenerateOptions given = reading.options;
  for (const auto& [key, value] : object.members()) {
    if (std::ranges::find(k_keys, key, &Key::name) == k_keys.end()) continue;
    Reading next = reading;
    const Result<void> honoured = attempt_given_memory([&] {
      read(next, {where, key, value});
      check_options(settled(next, given), model);
    });
    if (honoured.ok()) reading = std::move(next);
  }
}

inline void read_own(Reading& reading, const Json& given, const ModelState& model) {
  if (model.generation_config) {
    const std::string where = "generation_config.json of " + model.info.source;
    read_all(reading, without_known(object_of(*model.generation_config, where), given, model), where);
  } else if (model.older_generation_config) {
    read_model_config(reading, without_known(object_of(*model.older_generation_config, "config.json"), given, model),
                      model);
  }
}

}  // namespace generation_config_detail

EIGENFORMER_INLINE GenerateOptions read_generation_config(const ModelState& model, const GenerationConfig& config,
                                                          const GenerateOptions& options) {
  using namespace generation_config_detail;
  const Json given = config.json.empty() ? Json::object() : object_of(config.json, config.where);
  Reading reading{.options = options};
  read_own(reading, given, model);
  read_all(reading, given, config.where);
  return settled(reading, options);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
