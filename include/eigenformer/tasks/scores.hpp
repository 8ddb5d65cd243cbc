// From the numbers of a head to probabilities, and to the best of them; for the library's own rooms.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/math.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// One row of a head's output. NumericError "numeric.logits_not_finite" where one number is none.
inline std::vector<double> logits_of(const ConstMatrixView& rows, std::size_t row) {
  const float* begin = rows.data() + static_cast<Eigen::Index>(row) * rows.outerStride();
  std::vector<double> logits(begin, begin + rows.cols());
  const auto place = std::find_if_not(logits.begin(), logits.end(), [](double x) { return std::isfinite(x); });
  if (place == logits.end()) return logits;
  throw NumericError({.id = "numeric.logits_not_finite",
                      .expected = "finite logits",
                      .found = "infinity or what is not a number",
                      .where = "output " + std::to_string(place - logits.begin()),
                      .remedy = "the weights may be damaged: fetch the model again"});
}

/// exp(x) / sum of exp, which add up to 1; of no numbers: none.
inline std::vector<double> softmax(std::vector<double> x) {
  if (x.empty()) return x;
  const double maximum = *std::max_element(x.begin(), x.end());
  double sum = 0.0;
  for (double& value : x) sum += value = exponential(value - maximum);
  for (double& value : x) value /= sum;
  return x;
}

/// 1 / (1 + exp(-x)) of each by itself.
inline std::vector<double> sigmoid(std::vector<double> x) {
  for (double& value : x) value = 1.0 / (1.0 + exponential(-value));
  return x;
}

/// The place of the largest, the first of several.
inline std::size_t best_index(std::span<const double> scores) {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

/// The places of the `count` largest (0: of all), largest first; of equal ones the first goes first.
inline std::vector<std::size_t> best_indices(std::span<const double> scores, std::size_t count) {
  std::vector<std::size_t> places(scores.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (count == 0 || count > places.size()) count = places.size();
  std::partial_sort(
      places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count), places.end(),
      [&](std::size_t a, std::size_t b) { return scores[a] > scores[b] || (scores[a] == scores[b] && a < b); });
  places.resize(count);
  return places;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
