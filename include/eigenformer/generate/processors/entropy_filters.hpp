// Filters that go by how much the model knows: by the entropy of the tokens' distribution.
#pragma once

#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/processors/filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Of the 100 likeliest tokens, likeliest first, those whose parts -p ln p of the entropy come to at most h of the
/// whole; the likeliest always. p and the entropy are those of the 100. https://arxiv.org/abs/2509.02510; transformers'
/// TopHLogitsWarper.
class TopH : public Filter {
 public:
  explicit TopH(double h) : h_(h) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  double h_;
};

/// Tokens whose surprise -ln p is nearest to the entropy, until they have the probability `threshold` together; with
/// those as near as the last of them. https://arxiv.org/abs/2202.00666; transformers' TypicalLogitsWarper.
class TypicalP : public Filter {
 public:
  explicit TypicalP(const FilterOptions& options) : options_(options) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  FilterOptions options_;
};

/// Tokens at least `threshold` likely, and those as likely as the `least`-th. https://arxiv.org/abs/2210.15191;
/// transformers' EpsilonLogitsWarper.
class EpsilonCutoff : public Filter {
 public:
  explicit EpsilonCutoff(const FilterOptions& options) : options_(options) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  FilterOptions options_;
};

/// The same with min(threshold, sqrt(threshold) * exp(-entropy)) in place of the threshold.
/// https://arxiv.org/abs/2210.15191; transformers' EtaLogitsWarper.
class EtaCutoff : public Filter {
 public:
  explicit EtaCutoff(const FilterOptions& options) : options_(options) {}

 private:
  void keep(const ProcessedText& text, std::vector<Candidate>& candidates) const override;
  FilterOptions options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/entropy_filters-inl.hpp"
#endif
