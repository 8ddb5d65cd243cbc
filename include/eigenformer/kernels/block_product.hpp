// Matrix product of block kinds with quantized activations: the scalar truth (rule 2).
#pragma once

#include "eigenformer/core/fused_multiply_add.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/panel_access.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

/// Adds one block of a panel, number `index` along k, to the sums of 16 outputs. The activations are those of `row`.
inline void add_block(const PanelBlock& weights, std::size_t index, const QuantizedRows& input, std::size_t row,
                      float* sums) {
  const std::size_t values = quant::block_values(weights.kind());
  const std::size_t first = row * input.inner + index * values;
  const std::int8_t* const codes = input.codes + first;
  const float scale = input.scales[first / quant::k_block];
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < values; ++k) sum += codes[k];
  const float scaled_sum =
      values == quant::k_block ? input.scaled_sums[first / quant::k_block] : scale * static_cast<float>(sum);
  for (std::size_t output = 0; output < quant::k_panel_outputs; ++output) {
    std::int32_t dot = 0;
    for (std::size_t k = 0; k < values; ++k) dot += weights.code(k, output) * codes[k];
    if (weights.kind() == quant::PanelKind::q4_centered) dot -= 8 * sum;
    sums[output] = fused_multiply_add(static_cast<float>(dot), weights.scale(output) * scale, sums[output]);
    if (quant::has_minimum(weights.kind())) {
      sums[output] = fused_multiply_add(weights.minimum(output), scaled_sum, sums[output]);
    }
  }
}

inline void block_product(const BlockProduct& product) noexcept {
  const std::size_t blocks = product.input.inner / quant::block_values(product.kind);
  const std::size_t panel_bytes = quant::panel_bytes(product.kind, product.input.inner);
  for (std::size_t panel = 0; panel < product.panel_count; ++panel) {
    const std::byte* const bytes = product.panels + panel * panel_bytes;
    for (std::size_t row = 0; row < product.rows; ++row) {
      float sums[quant::k_panel_outputs] = {};
      for (std::size_t block = 0; block < blocks; ++block) {
        add_block({product.kind, bytes, block}, block, product.input, row, sums);
      }
      float* output = product.output + row * product.output_stride + panel * quant::k_panel_outputs;
      for (std::size_t i = 0; i < quant::k_panel_outputs; ++i) output[i] = sums[i];
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
