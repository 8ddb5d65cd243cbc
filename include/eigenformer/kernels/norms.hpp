// RMSNorm and LayerNorm of one row: the scalar truth (rule 3).
#pragma once

#include <cmath>

#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/row_reduction.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

/// scale = 1 / sqrt(sum(x^2) / n + epsilon), y = (x scale) weight. https://arxiv.org/abs/1910.07467
inline void rms_norm(const RmsNorm& norm) noexcept {
  RowSum squares;
  for (std::size_t i = 0; i < norm.size; ++i) squares.add_square(i, norm.input[i]);
  const float mean = squares.total() / static_cast<float>(norm.size);
  const float scale = 1.0F / std::sqrt(mean + norm.epsilon);
  for (std::size_t i = 0; i < norm.size; ++i) norm.output[i] = norm.input[i] * scale * norm.weight[i];
}

/// d = x - mean, y = fma(d (1 / sqrt(sum(d^2) / n + epsilon)), weight, bias). https://arxiv.org/abs/1607.06450
inline void layer_norm(const LayerNorm& norm) noexcept {
  const float count = static_cast<float>(norm.size);
  RowSum values;
  for (std::size_t i = 0; i < norm.size; ++i) values.add(i, norm.input[i]);
  const float mean = values.total() / count;
  RowSum squares;
  for (std::size_t i = 0; i < norm.size; ++i) squares.add_square(i, norm.input[i] - mean);
  const float scale = 1.0F / std::sqrt(squares.total() / count + norm.epsilon);
  for (std::size_t i = 0; i < norm.size; ++i) {
    norm.output[i] = fused_multiply_add((norm.input[i] - mean) * scale, norm.weight[i], norm.bias[i]);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
