// Whether one sentence follows another. A light header.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct SentencePair {
  std::string_view first;
  std::string_view second;
};

struct NextSentenceOptions {
  LongText long_text = LongText::refuse;
};

/// For each pair the probability that its second sentence follows the first: softmax of the two numbers of
/// BertForNextSentencePrediction, or of BertForPreTraining. https://arxiv.org/abs/1810.04805, section 3.1. Of models
/// that were trained on the order of sentences (ALBERT), it is that they stand in this order.
///
/// Throws UsageError "usage.task" for a model without such a head, "usage.prompt_too_long"; TokenizerError where the
/// model came without a tokenizer; NumericError "numeric.logits_not_finite".
std::vector<double> next_sentence(const Model& model, std::span<const SentencePair> pairs,
                                  const NextSentenceOptions& options = {});
double next_sentence(const Model& model, const SentencePair& pair, const NextSentenceOptions& options = {});
Result<std::vector<double>> try_next_sentence(const Model& model, std::span<const SentencePair> pairs,
                                              const NextSentenceOptions& options = {});
Result<double> try_next_sentence(const Model& model, const SentencePair& pair, const NextSentenceOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/next_sentence-inl.hpp"
#endif
