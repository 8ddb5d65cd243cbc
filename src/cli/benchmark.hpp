// How fast a loaded model is: prefill, and decoding for one or many sequences at once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eigenformer/model.hpp"

namespace cli {

struct BenchmarkPlan {
  std::size_t prompt_tokens = 512;  ///< 0: no prefill test
  std::size_t new_tokens = 64;      ///< 0: no decode test
  std::vector<std::size_t> batches = {1, 8, 32};
  std::vector<std::size_t> depths = {0};  ///< tokens that a sequence has in its cache when a test begins
  std::size_t repetitions = 3;
};

struct BenchmarkResult {
  std::string test;                       ///< "prefill" or "decode"
  std::size_t tokens = 0;                 ///< of each sequence
  std::size_t batch = 1;                  ///< sequences at once
  std::size_t depth = 0;                  ///< tokens of each in its cache before
  std::vector<double> tokens_per_second;  ///< of all sequences together, one a repetition, ascending

  double minimum() const { return tokens_per_second.front(); }
  double median() const { return tokens_per_second[tokens_per_second.size() / 2]; }
  double maximum() const { return tokens_per_second.back(); }
};

/// Prefill feeds a prompt to a cache of `depth` tokens and wants the last token's logits. Decode writes behind a prompt
/// of `depth` tokens each, or one, the sequences of a batch as requests of one ragged batch, which no pages are shared
/// in; models that write no text have none. What comes before a test is not timed. Tokens of the prompts are arbitrary.
/// UsageError "usage.prompt_too_long" where that does not fit the context.
std::vector<BenchmarkResult> run_benchmark(const eigenformer::Model& model, const BenchmarkPlan& plan);

}  // namespace cli
