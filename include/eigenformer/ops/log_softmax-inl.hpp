#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/core/math.hpp"
#include "eigenformer/ops/log_softmax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

EIGENFORMER_INLINE LogSoftmax::LogSoftmax(const kernels::KernelTable& kernels, std::span<const float> logits) noexcept
    : largest_(-std::numeric_limits<double>::infinity()) {
  constexpr std::size_t k_part = 1024;
  double sum = 0;  // of exp(logit - largest_)
  for (std::size_t first = 0; first < logits.size(); first += k_part) {
    const kernels::ExponentialSum part =
        kernels.sum_exponentials(logits.data() + first, std::min(k_part, logits.size() - first));
    if (part.sum == 0) continue;
    const double largest = part.largest;
    if (largest > largest_) {
      sum = static_cast<double>(part.sum) + sum * exponential(largest_ - largest);
      largest_ = largest;
    } else {
      sum += static_cast<double>(part.sum) * exponential(largest - largest_);
    }
  }
  log_sum_ = logarithm(sum);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
