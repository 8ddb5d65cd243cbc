#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "eigenformer/generate/make_processors.hpp"
#include "eigenformer/generate/processors/biases.hpp"
#include "eigenformer/generate/processors/diversity.hpp"
#include "eigenformer/generate/processors/dry.hpp"
#include "eigenformer/generate/processors/entropy_filters.hpp"
#include "eigenformer/generate/processors/filters.hpp"
#include "eigenformer/generate/processors/lengths.hpp"
#include "eigenformer/generate/processors/penalties.hpp"
#include "eigenformer/generate/processors/repeated_ngrams.hpp"
#include "eigenformer/generate/processors/score_filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace make_processors_detail {

template <class Processor, class... Arguments>
void add(LogitsProcessors& list, Arguments&&... arguments) {
  list.push_back(std::make_shared<Processor>(std::forward<Arguments>(arguments)...));
}

/// Where the options name none, those of the model's own files.
inline const std::vector<TokenId>& own_unless_given(const std::vector<TokenId>& given,
                                                    const std::vector<TokenId>& own) {
  return given.empty() ? own : given;
}

inline void add_repetition_penalties(LogitsProcessors& list, const GenerateOptions& options) {
  if (options.encoder_repetition_penalty != 1) add<SourceRepetitionPenalty>(list, options.encoder_repetition_penalty);
  if (options.repetition_penalty != 1) add<RepetitionPenalty>(list, static_cast<float>(options.repetition_penalty));
  if (options.no_repeat_ngram_size > 0) add<NoRepeatedNgram>(list, options.no_repeat_ngram_size);
  if (options.encoder_no_repeat_ngram_size > 0) add<NoNgramOfSource>(list, options.encoder_no_repeat_ngram_size);
}

/// A word that is nothing but an end token is no bad word, as in transformers' NoBadWordsLogitsProcessor.
inline void add_bad_words(LogitsProcessors& list, std::span<const std::vector<TokenId>> words,
                          std::span<const TokenId> ends) {
  std::vector<TokenBias> sequences;
  for (const std::vector<TokenId>& word : words) {
    const bool is_end = word.size() == 1 && std::ranges::find(ends, word[0]) != ends.end();
    if (!is_end) sequences.push_back({word, -std::numeric_limits<double>::infinity()});
  }
  if (!sequences.empty()) add<SequenceBias>(list, std::move(sequences));
}

inline void add_lengths(LogitsProcessors& list, const GenerateOptions& options, const ModelState& model,
                        const ProcessorSurroundings& surroundings) {
  const std::vector<TokenId> ends(surroundings.end_tokens.begin(), surroundings.end_tokens.end());
  const std::size_t shortest =
      options.min_new_tokens ? surroundings.prompt_tokens + *options.min_new_tokens : options.min_length;
  if (shortest > surroundings.prompt_tokens && !ends.empty()) add<MinLength>(list, shortest, ends);
  const auto& first = own_unless_given(options.forced_first_tokens, model.generation_defaults.forced_first_tokens);
  const auto& last = own_unless_given(options.forced_last_tokens, model.generation_defaults.forced_last_tokens);
  if (!first.empty()) add<ForcedTokens>(list, std::size_t{1}, first);
  if (!last.empty()) add<ForcedTokens>(list, surroundings.length - 1, last);
  if (options.exponential_decay_length_penalty && !ends.empty()) {
    add<ExponentialDecay>(list, *options.exponential_decay_length_penalty, ends);
  }
  if (!options.suppress_tokens.empty()) add<SuppressTokens>(list, options.suppress_tokens);
  if (options.begin_suppress_tokens.empty()) return;
  const bool is_first_forced = surroundings.prompt_tokens == 1 && !first.empty();
  const std::size_t begin = surroundings.prompt_tokens + (is_first_forced ? 1 : 0);
  add<SuppressTokensAtPlace>(list, begin, options.begin_suppress_tokens);
}

/// What transformers does not have, behind all that it has.
inline void add_further_rules(LogitsProcessors& list, const GenerateOptions& options) {
  if (options.presence_penalty != 0 || options.frequency_penalty != 0) {
    add<CountPenalty>(list, CountPenalty::Options{options.presence_penalty, options.frequency_penalty});
  }
  if (!options.logit_bias.empty()) add<SequenceBias>(list, options.logit_bias);
  if (options.dry.multiplier > 0) add<DontRepeatYourself>(list, options.dry);
}

inline LogitsProcessors rules(const GenerateOptions& options, const ModelState& model,
                              const ProcessorSurroundings& surroundings) {
  LogitsProcessors list;
  if (!options.sequence_bias.empty()) add<SequenceBias>(list, options.sequence_bias);
  if (options.num_beam_groups > 1) add<HammingDiversity>(list, static_cast<float>(options.diversity_penalty));
  add_repetition_penalties(list, options);
  add_bad_words(list, options.bad_words.empty() ? model.generation_defaults.bad_words : options.bad_words,
                surroundings.end_tokens);
  add_lengths(list, options, model, surroundings);
  add_further_rules(list, options);
  list.insert(list.end(), options.processors.begin(), options.processors.end());
  if (!options.banned_strings.empty()) add<NoBannedTokens>(list);
  return list;
}

inline LogitsProcessors filters(const GenerateOptions& options, std::size_t least) {
  LogitsProcessors list;
  const auto with_least = [least](double threshold) { return FilterOptions{.threshold = threshold, .least = least}; };
  const auto is_between_0_and_1 = [](double value) { return value > 0 && value < 1; };
  if (options.temperature != 1) add<Temperature>(list, static_cast<float>(options.temperature));
  if (options.top_n_sigma > 0) add<TopNSigma>(list, options.top_n_sigma);
  if (options.top_h > 0) add<TopH>(list, options.top_h);
  if (options.top_k > 0) add<TopK>(list, std::max(options.top_k, least));
  if (options.top_p < 1) add<TopP>(list, with_least(options.top_p));
  if (options.min_p > 0) add<MinP>(list, with_least(options.min_p));
  if (options.typical_p < 1) add<TypicalP>(list, with_least(options.typical_p));
  if (is_between_0_and_1(options.epsilon_cutoff)) add<EpsilonCutoff>(list, with_least(options.epsilon_cutoff));
  if (is_between_0_and_1(options.eta_cutoff)) add<EtaCutoff>(list, with_least(options.eta_cutoff));
  if (options.xtc.probability > 0) add<ExcludeTopChoices>(list, options.xtc, options.seed);
  return list;
}

}  // namespace make_processors_detail

EIGENFORMER_INLINE ProcessorParts make_processors(const GenerateOptions& options, const ModelState& model,
                                                  const ProcessorSurroundings& surroundings) {
  ProcessorParts parts{.rules = make_processors_detail::rules(options, model, surroundings)};
  if (options.temperature > 0) parts.filters = make_processors_detail::filters(options, surroundings.least_kept);
  if (options.renormalize_logits) make_processors_detail::add<LogSoftmax>(parts.filters);
  return parts;
}

EIGENFORMER_INLINE bool has_quick_filters(const GenerateOptions& options) {
  return options.top_n_sigma == 0 && options.top_h == 0 && options.typical_p == 1 && options.epsilon_cutoff == 0 &&
         options.eta_cutoff == 0 && options.xtc.probability == 0 && !options.renormalize_logits;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
