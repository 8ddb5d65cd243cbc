#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/generate/check_option.hpp"
#include "eigenformer/generate/check_processor_options.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace check_processor_options_detail {

inline constexpr std::size_t k_most_sequences = 65536;  // of bad words or biases
inline constexpr std::size_t k_most_length = 0x7FFFFFFF;
inline constexpr std::size_t k_most_alternatives = 64;

inline void check_tokens(std::string_view option, std::span<const TokenId> tokens, std::size_t vocabulary_size) {
  for (const TokenId token : tokens) check_token(option, token, vocabulary_size);
}

inline void check_sequence(std::string_view option, std::span<const TokenId> sequence, std::size_t vocabulary_size) {
  if (sequence.empty()) refuse_option(option, "sequences of at least one token", "one of none");
  check_tokens(option, sequence, vocabulary_size);
}

inline void check_number_of_sequences(std::string_view option, std::size_t count) {
  if (count <= k_most_sequences) return;
  refuse_option(option, "at most " + std::to_string(k_most_sequences) + " sequences", std::to_string(count));
}

inline void check_biases(std::string_view option, std::span<const TokenBias> biases, std::size_t vocabulary_size) {
  check_number_of_sequences(option, biases.size());
  for (const TokenBias& one : biases) {
    check_sequence(option, one.ids, vocabulary_size);
    if (one.bias != -std::numeric_limits<double>::infinity()) check_number(option, one.bias, {-10000, 10000});
  }
}

inline void check_penalties(const GenerateOptions& options) {
  check_number("repetition_penalty", options.repetition_penalty, {0.01, 100});
  check_number("encoder_repetition_penalty", options.encoder_repetition_penalty, {0.01, 100});
  check_count("no_repeat_ngram_size", options.no_repeat_ngram_size, {0, k_most_length});
  check_count("encoder_no_repeat_ngram_size", options.encoder_no_repeat_ngram_size, {0, k_most_length});
  check_number("presence_penalty", options.presence_penalty, {-100, 100});
  check_number("frequency_penalty", options.frequency_penalty, {-100, 100});
}

inline void check_lengths(const GenerateOptions& options) {
  check_count("min_length", options.min_length, {0, k_most_length});
  if (options.min_new_tokens) check_count("min_new_tokens", *options.min_new_tokens, {0, k_most_length});
  if (!options.exponential_decay_length_penalty) return;
  check_count("exponential_decay_length_penalty.start", options.exponential_decay_length_penalty->start,
              {0, k_most_length});
  check_number("exponential_decay_length_penalty.factor", options.exponential_decay_length_penalty->factor,
               {0.01, 100});
}

inline void check_bans(const GenerateOptions& options, std::size_t vocabulary_size) {
  check_number_of_sequences("bad_words", options.bad_words.size());
  for (const std::vector<TokenId>& word : options.bad_words) check_sequence("bad_words", word, vocabulary_size);
  check_biases("sequence_bias", options.sequence_bias, vocabulary_size);
  check_biases("logit_bias", options.logit_bias, vocabulary_size);
  check_tokens("forced_first_tokens", options.forced_first_tokens, vocabulary_size);
  check_tokens("forced_last_tokens", options.forced_last_tokens, vocabulary_size);
  check_tokens("suppress_tokens", options.suppress_tokens, vocabulary_size);
  check_tokens("begin_suppress_tokens", options.begin_suppress_tokens, vocabulary_size);
  for (const auto& processor : options.processors) {
    if (!processor) refuse_option("processors", "processors of the host's own", "one that is null");
  }
}

inline void check_dry(const DryOptions& dry, std::size_t vocabulary_size) {
  check_number("dry.multiplier", dry.multiplier, {0, 100});
  check_number("dry.base", dry.base, {1, 100});
  check_count("dry.allowed_length", dry.allowed_length, {1, k_most_length});
  check_count("dry.range", dry.range, {0, k_most_length});
  check_tokens("dry.breakers", dry.breakers, vocabulary_size);
}

inline void check_filters(const GenerateOptions& options) {
  check_number("top_n_sigma", options.top_n_sigma, {0, 100});
  check_number("top_h", options.top_h, {0, 1});
  check_number("typical_p", options.typical_p, {0.0001, 1});
  check_number("epsilon_cutoff", options.epsilon_cutoff, {0, 1});
  check_number("eta_cutoff", options.eta_cutoff, {0, 1});
  check_number("xtc.probability", options.xtc.probability, {0, 1});
  check_number("xtc.threshold", options.xtc.threshold, {0, 1});
  if (!options.mirostat) return;
  check_number("mirostat.surprise", options.mirostat->surprise, {0, 100});
  check_number("mirostat.learning_rate", options.mirostat->learning_rate, {0, 1});
}

}  // namespace check_processor_options_detail

EIGENFORMER_INLINE void check_processor_options(const GenerateOptions& options, std::size_t vocabulary_size) {
  using namespace check_processor_options_detail;
  check_number("guidance_scale", options.guidance_scale, {-100, 100});
  check_tokens("unconditional_prompt", options.unconditional_prompt, vocabulary_size);
  check_penalties(options);
  check_lengths(options);
  check_bans(options, vocabulary_size);
  check_dry(options.dry, vocabulary_size);
  check_filters(options);
  if (options.log_probabilities) {
    check_count("log_probabilities", *options.log_probabilities, {0, k_most_alternatives});
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
