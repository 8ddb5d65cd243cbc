// Temperature, and filters that drop unlikely tokens: those of candidates.hpp as processors of whole vocabularies, for
// lists of processors that have more than the quick path of Sampler knows.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/candidates.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// score / temperature. transformers' TemperatureLogitsWarper.
class Temperature : public LogitsProcessor {
 public:
  explicit Temperature(float temperature) : temperature_(temperature) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  float temperature_;
};

/// Drops candidates.
class Filter : public LogitsProcessor {
 public:
  void process(const ProcessedText& text, std::span<float> scores) const final;

 private:
  /// Gets all tokens that have a probability, ids ascending; their order afterwards does not matter.
  virtual void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const = 0;
};

/// How far a filter goes, and how many tokens it keeps at least.
struct FilterOptions {
  double threshold = 0;
  std::size_t least = 1;
};

/// transformers' TopKLogitsWarper.
class TopK : public LogitsProcessor {
 public:
  explicit TopK(std::size_t k) : k_(k) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::size_t k_;
};

/// transformers' TopPLogitsWarper.
class TopP : public Filter {
 public:
  explicit TopP(const FilterOptions& options) : options_(options) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  FilterOptions options_;
};

/// transformers' MinPLogitsWarper.
class MinP : public Filter {
 public:
  explicit MinP(const FilterOptions& options) : options_(options) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  FilterOptions options_;
};

/// Scores become log-probabilities. transformers' LogitNormalization.
class LogSoftmax : public LogitsProcessor {
 public:
  void process(const ProcessedText& text, std::span<float> scores) const override;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/filters-inl.hpp"
#endif
