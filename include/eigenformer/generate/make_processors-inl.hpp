#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "eigenformer/generate/make_processors.hpp"
#include "eigenformer/generate/processors/biases.hpp"
#include "eigenformer/generate/processors/diversity.hpp"
#include "eigenformer/generate/processors/filters.hpp"
#include "eigenformer/generate/processors/lengths.hpp"
#include "eigenformer/generate/processors/penalties.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace make_processors_detail {

template <class Processor, class... Arguments>
void add(LogitsProcessors& list, Arguments&&... arguments) {
  list.push_back(std::make_shared<Processor>(std::forward<Arguments>(arguments)...));
}

/// A word that is nothing but an end token is no bad word, as in transformers' NoBadWordsLogitsProcessor.
inline std::vector<BiasedSequence> bans(std::span<const std::vector<TokenId>> words, std::span<const TokenId> ends) {
  std::vector<BiasedSequence> sequences;
  for (const std::vector<TokenId>& word : words) {
    const bool is_end = word.size() == 1 && std::ranges::find(ends, word[0]) != ends.end();
    if (!is_end) sequences.push_back({word, -std::numeric_limits<float>::infinity()});
  }
  return sequences;
}

inline void add_forced_tokens(LogitsProcessors& list, const GenerateOptions& options, const ModelState& model,
                              const ProcessorSurroundings& surroundings) {
  const GenerationDefaults& defaults = model.generation_defaults;
  const auto first = options.forced_first_token ? options.forced_first_token : defaults.forced_first_token;
  const auto last = options.forced_last_token ? options.forced_last_token : defaults.forced_last_token;
  if (first) add<ForcedTokens>(list, std::size_t{1}, std::vector{*first});
  if (last) add<ForcedTokens>(list, surroundings.length - 1, std::vector{*last});
}

inline LogitsProcessors rules(const GenerateOptions& options, const ModelState& model,
                              const ProcessorSurroundings& surroundings) {
  LogitsProcessors list;
  if (options.num_beam_groups > 1) add<HammingDiversity>(list, static_cast<float>(options.diversity_penalty));
  if (options.repetition_penalty != 1) {
    add<RepetitionPenalty>(list, static_cast<float>(options.repetition_penalty));
  }
  const auto& words = options.bad_words.empty() ? model.generation_defaults.bad_words : options.bad_words;
  if (std::vector<BiasedSequence> banned = bans(words, surroundings.end_tokens); !banned.empty()) {
    add<SequenceBias>(list, std::move(banned));
  }
  add_forced_tokens(list, options, model, surroundings);
  list.insert(list.end(), options.processors.begin(), options.processors.end());
  return list;
}

inline LogitsProcessors filters(const GenerateOptions& options, std::size_t least) {
  LogitsProcessors list;
  if (options.temperature == 0) return list;
  if (options.temperature != 1) add<Temperature>(list, static_cast<float>(options.temperature));
  if (options.top_k > 0) add<TopK>(list, std::max(options.top_k, least));
  if (options.top_p < 1) add<TopP>(list, FilterOptions{.threshold = options.top_p, .least = least});
  if (options.min_p > 0) add<MinP>(list, FilterOptions{.threshold = options.min_p, .least = least});
  return list;
}

}  // namespace make_processors_detail

EIGENFORMER_INLINE ProcessorParts make_processors(const GenerateOptions& options, const ModelState& model,
                                                  const ProcessorSurroundings& surroundings) {
  return {.rules = make_processors_detail::rules(options, model, surroundings),
          .filters = make_processors_detail::filters(options, surroundings.least_kept)};
}

EIGENFORMER_INLINE bool has_quick_filters(const GenerateOptions& /*options*/) { return true; }

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
