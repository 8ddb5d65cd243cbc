// Quantizing to Q8_0 (quant/q8_0.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/q8_0.hpp"
#include "eigenformer/quant/quantized_scale.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q8_0 {

/// Half away from zero, as roundf: of magnitudes far below 2^31.
inline std::int32_t rounded(float value) {
  const auto whole = static_cast<std::int32_t>(value);
  const float rest = value - static_cast<float>(whole);
  return whole + (rest >= 0.5F ? 1 : 0) - (rest <= -0.5F ? 1 : 0);
}

/// 32 finite values to a block: scale = the largest magnitude / 127, code = value * (1 / scale), rounded. The scale is
/// rounded to a half after the codes are made, as ggml does; it is infinite where it does not fit.
/// https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/quants.py
inline void quantize_block(const float* values, std::byte* out) {
  float largest = 0.0F;
  for (std::size_t i = 0; i < k_block; ++i) {
    const float magnitude = values[i] < 0.0F ? -values[i] : values[i];
    largest = magnitude > largest ? magnitude : largest;
  }
  const float scale = largest / 127.0F;
  const float inverse = inverse_scale(scale);
  Block block{.scale = half_or_infinity(scale), .codes = {}};
  for (std::size_t i = 0; i < k_block; ++i) block.codes[i] = static_cast<std::int8_t>(rounded(values[i] * inverse));
  std::memcpy(out, &block, sizeof(block));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q8_0
