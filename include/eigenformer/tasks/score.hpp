// How likely a model finds texts. A light header.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct ScoreOptions {
  /// Whether the tokenizer's own template is applied: a decoder does not predict the first token, so where the template
  /// puts one in front, every token of the text counts.
  bool add_special_tokens = true;
  /// The language of targets, for translation models that mark it (LanguageMarks::source).
  std::string target_language = {};
  const std::atomic<bool>* cancel = nullptr;
};

/// In nats.
struct TextScore {
  double log_probability = 0.0;                 ///< of the text: the sum of its tokens'
  std::vector<TokenId> tokens;                  ///< those that were predicted
  std::vector<double> token_log_probabilities;  ///< one for each of them
  double mean() const {                         ///< per token; 0 where none was predicted
    return tokens.empty() ? 0.0 : log_probability / static_cast<double>(tokens.size());
  }
};

/// log p of each text.
///
/// A decoder: sum of log p(token i | tokens before it), i = 1 .. n - 1.
/// A masked language model: the pseudo-log-likelihood, sum of log p(token i | all others, with [MASK] in its place)
/// over the tokens that are not the template's. https://arxiv.org/abs/1910.14659, section 2
/// A text without a token to predict has the sum of nothing, 0.
///
/// Throws UsageError "usage.task" for models that predict no tokens of a text (and for encoder-decoders, which score
/// targets: below), "usage.language" for a target language, "usage.prompt_too_long", "usage.mask_token";
/// TokenizerError "tokenizer.missing"; CancelledError "cancelled.task".
std::vector<TextScore> score(const Model& model, std::span<const std::string> texts, const ScoreOptions& options = {});
Result<std::vector<TextScore>> try_score(const Model& model, std::span<const std::string> texts,
                                         const ScoreOptions& options = {});

/// A text, and what an encoder-decoder is asked to make of it.
struct SourceText {
  std::string_view source;
  std::string_view target;
};

/// log p(target | source) of an encoder-decoder: sum of log p(token i | source, tokens of the target before it), its
/// end token among them. Throws as the above, and "usage.decoder_start".
TextScore score(const Model& model, const SourceText& pair, const ScoreOptions& options = {});
Result<TextScore> try_score(const Model& model, const SourceText& pair, const ScoreOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/score-inl.hpp"
#endif
