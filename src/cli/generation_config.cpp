#include "cli/generation_config.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "eigenformer/format/json.hpp"

namespace cli {

namespace ef = eigenformer;
using nlohmann::json;

namespace {

/// Keys that never change a token here: they say what is returned, how it is computed, or which model it was.
constexpr std::array k_harmless = {"_from_model_config",
                                   "assistant_confidence_threshold",
                                   "assistant_early_exit",
                                   "assistant_lookbehind",
                                   "bos_token_id",
                                   "cache_config",
                                   "cache_implementation",
                                   "compile_config",
                                   "continuous_batching_config",
                                   "disable_compile",
                                   "is_assistant",
                                   "max_matching_ngram_size",
                                   "num_assistant_tokens",
                                   "num_assistant_tokens_schedule",
                                   "output_attentions",
                                   "output_hidden_states",
                                   "output_logits",
                                   "output_scores",
                                   "pad_token_id",
                                   "prefill_chunk_size",
                                   "remove_invalid_values",
                                   "return_dict_in_generate",
                                   "return_legacy_cache",
                                   "target_lookbehind",
                                   "transformers_version",
                                   "use_cache",
                                   "low_memory"};

/// Keys of what the library does not have, and the number at which they do nothing; null, false and empty do nothing
/// for every key.
const std::map<std::string, double, std::less<>> k_neutral = {
    {"encoder_no_repeat_ngram_size", 0},
    {"encoder_repetition_penalty", 1},
    {"epsilon_cutoff", 0},
    {"eta_cutoff", 0},
    {"guidance_scale", 1},
    {"min_length", 0},
    {"min_new_tokens", 0},
    {"no_repeat_ngram_size", 0},
    {"penalty_alpha", 0},
    {"typical_p", 1},
    {"top_h", 1},
};

[[noreturn]] void refuse(const std::string& where, const std::string& key, const std::string& expected,
                         const json& found) {
  throw ef::ConfigError({.id = "config.generation_key",
                         .expected = expected,
                         .found = found.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 80),
                         .where = where + ", " + key,
                         .remedy = "change or remove the key"});
}

/// One key and its value.
struct Entry {
  const std::string& where;
  const std::string& key;
  const json& value;

  std::size_t count() const {
    if (!value.is_number_integer() || value < 0) refuse(where, key, "a whole number of 0 or more", value);
    return value.get<std::size_t>();
  }
  double number() const {
    if (!value.is_number()) refuse(where, key, "a number", value);
    return value.get<double>();
  }
  bool flag() const {
    if (!value.is_boolean()) refuse(where, key, "true or false", value);
    return value.get<bool>();
  }
  ef::EarlyStopping early_stopping() const {
    if (value == "never") return ef::EarlyStopping::never;
    if (!value.is_boolean()) refuse(where, key, "true, false or \"never\"", value);
    return value.get<bool>() ? ef::EarlyStopping::yes : ef::EarlyStopping::no;
  }
  std::vector<ef::TokenId> tokens() const {
    std::vector<ef::TokenId> ids;
    for (const json& id : value.is_array() ? value : json::array({value})) {
      if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<ef::TokenId>::max()) {
        refuse(where, key, "a token id or a list of them", value);
      }
      ids.push_back(id.get<ef::TokenId>());
    }
    if (ids.empty()) refuse(where, key, "a token id or a list of them", value);
    return ids;
  }
  std::vector<std::vector<ef::TokenId>> words() const {
    std::vector<std::vector<ef::TokenId>> list;
    for (const json& word : value.is_array() ? value : json::array({value})) {
      if (!word.is_array() || word.empty()) refuse(where, key, "a list of lists of token ids", value);
      list.push_back(Entry{where, key, word}.tokens());
    }
    return list;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> list;
    for (const json& text : value.is_array() ? value : json::array({value})) {
      if (!text.is_string()) refuse(where, key, "a text or a list of them", value);
      list.push_back(text.get<std::string>());
    }
    return list;
  }
};

/// What the object says about sampling, which counts only where do_sample is true.
struct Sampling {
  bool on = false;
  double temperature = 1;
  double top_p = 1;
  double min_p = 0;
  std::size_t top_k = 50;
};

bool honoured(const Entry& entry, ef::GenerateOptions& options, Sampling& sampling) {
  const std::map<std::string, std::function<void()>, std::less<>> keys = {
      {"max_length", [&] { options.max_length = entry.count(); }},
      {"max_new_tokens", [&] { options.max_new_tokens = entry.count(); }},
      {"do_sample", [&] { sampling.on = entry.flag(); }},
      {"temperature", [&] { sampling.temperature = entry.number(); }},
      {"top_k", [&] { sampling.top_k = entry.count(); }},
      {"top_p", [&] { sampling.top_p = entry.number(); }},
      {"min_p", [&] { sampling.min_p = entry.number(); }},
      {"repetition_penalty", [&] { options.repetition_penalty = entry.number(); }},
      {"num_return_sequences", [&] { options.num_return_sequences = entry.count(); }},
      {"num_beams", [&] { options.num_beams = entry.count(); }},
      {"num_beam_groups", [&] { options.num_beam_groups = entry.count(); }},
      {"diversity_penalty", [&] { options.diversity_penalty = entry.number(); }},
      {"length_penalty", [&] { options.length_penalty = entry.number(); }},
      {"early_stopping", [&] { options.early_stopping = entry.early_stopping(); }},
      {"decoder_start_token_id", [&] { options.decoder_start_token = entry.tokens().at(0); }},
      {"forced_bos_token_id", [&] { options.forced_first_token = entry.tokens().at(0); }},
      {"forced_eos_token_id", [&] { options.forced_last_token = std::ranges::min(entry.tokens()); }},
      {"bad_words_ids", [&] { options.bad_words = entry.words(); }},
      {"stop_strings", [&] { options.stop = entry.texts(); }},
      {"eos_token_id",
       [&] {
         options.ignore_end_tokens = true;  // those of the object stand in place of the model's own
         options.stop_tokens = entry.tokens();
       }},
  };
  const auto found = keys.find(entry.key);
  if (found == keys.end()) return false;
  found->second();
  return true;
}

bool does_nothing(const std::string& key, const json& value) {
  if (value.is_null() || value == false) return true;
  if ((value.is_string() || value.is_array() || value.is_object()) && value.empty()) return true;
  if (std::find(k_harmless.begin(), k_harmless.end(), key) != k_harmless.end()) return true;
  const auto neutral = k_neutral.find(key);
  return neutral != k_neutral.end() && value.is_number() && value == neutral->second;
}

std::string expectation(const std::string& key) {
  const auto neutral = k_neutral.find(key);
  if (neutral == k_neutral.end()) return "a key that this version honours";
  return "the value " + std::to_string(static_cast<int>(neutral->second)) + ", for this version does not have it";
}

}  // namespace

ef::GenerateOptions with_generation_config(ef::GenerateOptions options, std::string_view text,
                                           const std::string& where) {
  const json object = ef::format::parse_json(text, where);
  if (!object.is_object()) refuse(where, "the whole", "a JSON object", object);
  Sampling sampling;
  for (const auto& [key, value] : object.items()) {
    const Entry entry{where, key, value};
    const bool is_off = value.is_null() || (value == false && key != "do_sample");
    if (!is_off && honoured(entry, options, sampling)) continue;
    if (!does_nothing(key, value)) refuse(where, key, expectation(key), value);
  }
  options.temperature = sampling.on ? sampling.temperature : 0;
  if (!sampling.on) return options;
  options.top_k = sampling.top_k;
  options.top_p = sampling.top_p;
  options.min_p = sampling.min_p;
  return options;
}

}  // namespace cli
