// Matrix product of block kinds with quantized activations: the scalar truth (rule 2).
#pragma once

#include "eigenformer/core/fused_multiply_add.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/panel_access.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

/// Adds one block of 32 to the sums of 16 outputs. `row_block` = row * (inner / 32) + block.
inline void add_block(const PanelBlock& weights, const QuantizedRows& input, std::size_t row_block, float* sums) {
  const std::int8_t* codes = input.codes + row_block * quant::k_block;
  for (std::size_t output = 0; output < quant::k_panel_outputs; ++output) {
    std::int32_t dot = 0;
    for (std::size_t k = 0; k < quant::k_block; ++k) dot += weights.code(k, output) * codes[k];
    if (weights.kind == quant::PanelKind::q4_centered) dot -= 8 * input.sums[row_block];
    const float scale = weights.scale(output) * input.scales[row_block];
    sums[output] = fused_multiply_add(static_cast<float>(dot), scale, sums[output]);
    if (weights.kind == quant::PanelKind::q4_minimum) {
      sums[output] = fused_multiply_add(weights.minimum(output), input.scaled_sums[row_block], sums[output]);
    }
  }
}

inline void block_product(const BlockProduct& product) noexcept {
  const std::size_t blocks = product.input.inner / quant::k_block;
  const std::size_t block_bytes = quant::panel_block_bytes(product.kind);
  for (std::size_t panel = 0; panel < product.panel_count; ++panel) {
    const std::byte* first_block = product.panels + panel * blocks * block_bytes;
    for (std::size_t row = 0; row < product.rows; ++row) {
      float sums[quant::k_panel_outputs] = {};
      for (std::size_t block = 0; block < blocks; ++block) {
        add_block({product.kind, first_block + block * block_bytes}, product.input, row * blocks + block, sums);
      }
      float* output = product.output + row * product.output_stride + panel * quant::k_panel_outputs;
      for (std::size_t i = 0; i < quant::k_panel_outputs; ++i) output[i] = sums[i];
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
