// Matrix product with f32 activations: the scalar truth (rule 1).
#pragma once

#include "eigenformer/core/fused_multiply_add.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/panel_access.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

/// y[r, o] = sum_k x[r, k] w[o, k]: one accumulator an output, from +0, k ascending, each step fused.
inline void float_product(const FloatProduct& product) noexcept {
  const std::size_t bytes = quant::panel_bytes(product.kind, product.inner);
  for (std::size_t panel = 0; panel < product.panel_count; ++panel) {
    for (std::size_t row = 0; row < product.rows; ++row) {
      const float* input = product.input + row * product.input_stride;
      float sums[quant::k_panel_outputs] = {};
      for (std::size_t k = 0; k < product.inner; ++k) {
        float weights[quant::k_panel_outputs];
        read_weights(product.kind, product.panels + panel * bytes, k, weights);
        for (std::size_t output = 0; output < quant::k_panel_outputs; ++output) {
          sums[output] = fused_multiply_add(input[k], weights[output], sums[output]);
        }
      }
      float* output = product.output + row * product.output_stride + panel * quant::k_panel_outputs;
      for (std::size_t i = 0; i < quant::k_panel_outputs; ++i) output[i] = sums[i];
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
