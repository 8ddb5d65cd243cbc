// Panels of any bits that are finite numbers of ordinary size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/quant/panel.hpp"

namespace bench {

/// `count` panels: f16 and f32 elements of small exponent, any codes. They begin on a cache line, as those of models
/// do.
inline eigenformer::AlignedBuffer random_panels(eigenformer::quant::PanelKind kind, std::size_t inner,
                                                std::size_t count) {
  namespace quant = eigenformer::quant;
  const std::size_t bytes = quant::panel_bytes(kind, inner) * count;
  eigenformer::AlignedBuffer panels(bytes);
  std::mt19937 engine(2);
  const std::uint32_t mask = kind == quant::PanelKind::f32 ? 0xBFFFFFFFU : 0xBBFFBBFFU;
  for (std::size_t i = 0; i + 4 <= bytes; i += 4) {
    const std::uint32_t word = static_cast<std::uint32_t>(engine()) & mask;
    std::memcpy(panels.data() + i, &word, 4);
  }
  if (!quant::is_block_kind(kind) || !quant::has_float_scales(kind)) return panels;
  // Such bits would be mostly numbers whose products are subnormal, which takes a processor ten times as long.
  for (std::size_t block = 0; block < bytes; block += quant::superblock_bytes(kind)) {
    for (std::size_t at = 0; at < quant::factors_offset(kind); at += 4) {
      const float number = static_cast<float>(engine() % 2001) * 1e-5F - 0.01F;
      std::memcpy(panels.data() + block + at, &number, 4);
    }
  }
  return panels;
}

}  // namespace bench
