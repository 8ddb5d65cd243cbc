#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/core/math.hpp"
#include "eigenformer/ops/log_softmax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

EIGENFORMER_INLINE double log_sum_exp(std::span<const float> values) noexcept {
  const double nothing = -std::numeric_limits<double>::infinity();
  if (values.empty()) return nothing;
  const double maximum = *std::max_element(values.begin(), values.end());
  if (maximum == nothing) return nothing;
  double sum = 0;
  for (const float value : values) sum += exponential(static_cast<double>(value) - maximum);
  return maximum + logarithm(sum);
}

EIGENFORMER_INLINE std::vector<double> log_softmax(std::span<const float> values) {
  const double total = log_sum_exp(values);
  std::vector<double> result(values.begin(), values.end());
  for (double& value : result) value -= total;
  return result;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
