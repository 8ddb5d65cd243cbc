// log softmax(x)_i = (x_i - max x) - log sum_j exp(x_j - max x): log-probabilities of the tokens of a vocabulary.
#pragma once

#include <cstddef>
#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// Of the logits of one row. Exponentials and the sums of 1024 of them are f32, sums of those and logarithms f64: the
/// error is below 1e-6, and the scores of a long text may be added up.
class LogSoftmax {
 public:
  LogSoftmax(const kernels::KernelTable& kernels, std::span<const float> logits) noexcept;

  /// The log-probability of a token that has that logit.
  double operator()(float logit) const noexcept { return (static_cast<double>(logit) - largest_) - log_sum_; }

 private:
  double largest_;  // minus infinity where there are no logits or all are minus infinity
  double log_sum_;  // of exp(logit - largest_)
};

/// log softmax(logits)[token].
inline double log_probability(const kernels::KernelTable& kernels, std::span<const float> logits,
                              std::size_t token) noexcept {
  return LogSoftmax(kernels, logits)(logits[token]);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/ops/log_softmax-inl.hpp"
#endif
