// Filters that transformers does not have.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/processors/filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Scores of at least the largest minus n standard deviations of all scores. https://arxiv.org/abs/2411.07641; the
/// deviation divides by their number, as in llama.cpp.
class TopNSigma : public Filter {
 public:
  explicit TopNSigma(double n) : n_(n) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  double n_;
};

/// XtcOptions. Whether it happens at a place is drawn for that place (DrawPurpose::exclusion). Of equally likely tokens
/// the one with the highest id counts as the least likely.
class ExcludeTopChoices : public Filter {
 public:
  ExcludeTopChoices(const XtcOptions& options, std::uint64_t seed) : options_(options), seed_(seed) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  XtcOptions options_;
  std::uint64_t seed_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/score_filters-inl.hpp"
#endif
