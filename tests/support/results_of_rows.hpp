// What a step holds of one sequence among others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eigenformer/nn/session.hpp"

namespace eigenformer_tests {

/// Rows [first, first + count) of a step, which alone put something out.
struct RowsOfResults {
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t end_token = 0;  ///< the row among them that OutputRows::end_token means
};

/// Their values in the order of the results' names: of results that are about the whole sequence, one row's.
inline std::vector<float> results_of_rows(const eigenformer::nn::Session& session,
                                          const eigenformer::nn::Program& program, const RowsOfResults& of) {
  using eigenformer::nn::OutputRows;
  std::vector<float> values;
  for (const auto& [name, output] : program.outputs) {
    const eigenformer::ConstMatrixView view = session.result(name);
    const std::size_t begin = output.value.rows == eigenformer::nn::RowSet::all ? of.first : 0;
    std::optional<std::size_t> only;
    if (output.rows == OutputRows::first) only = begin;
    if (output.rows == OutputRows::last) only = begin + of.count - 1;
    if (output.rows == OutputRows::end_token) only = begin + of.end_token;
    for (std::size_t row = begin; row < begin + of.count; ++row) {
      if (only && row != *only) continue;
      const float* from = view.data() + static_cast<Eigen::Index>(row) * view.outerStride();
      values.insert(values.end(), from, from + view.cols());
    }
  }
  return values;
}

}  // namespace eigenformer_tests
