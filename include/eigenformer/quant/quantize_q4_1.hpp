// Quantizing to Q4_1 (quant/q4_1.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/q4_1.hpp"
#include "eigenformer/quant/quantized_scale.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_1 {

/// 32 finite values to a block: scale = (maximum - minimum) / 15, code = (value - minimum) * (1 / scale), rounded half
/// up. Scale and minimum are rounded to halves after the codes are made, as ggml does; they are infinite where they do
/// not fit. https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/quants.py
inline void quantize_block(const float* values, std::byte* out) {
  const auto [lowest, highest] = std::minmax_element(values, values + k_block);
  const float minimum = *lowest;
  const float scale = (*highest - minimum) / 15.0F;
  const float inverse = inverse_scale(scale);
  Block block{.scale = half_or_infinity(scale), .minimum = half_or_infinity(minimum), .codes = {}};
  const auto code = [&](std::size_t i) {
    return static_cast<std::uint8_t>(std::min((values[i] - minimum) * inverse + 0.5F, 15.0F));
  };
  if (inverse > 0.0F) {
    for (std::size_t i = 0; i < 16; ++i) {
      block.codes[i] = static_cast<std::uint8_t>(code(i) | (code(i + 16) << 4U));
    }
  }
  std::memcpy(out, &block, sizeof(block));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_1
