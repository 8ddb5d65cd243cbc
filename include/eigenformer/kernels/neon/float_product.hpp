// Matrix product with f32 activations (rule 1): tiles of up to 5 rows by 16 outputs, 20 sums in registers.
//
// k is walked in pieces so that a piece of a panel stays in the first-level cache while all rows pass; the sums rest in
// the output between two pieces, which changes no bit. Panels that are not f32 are decoded a piece at a time, except
// plain ones for few rows, where the widened weights go straight into the sums.
#pragma once

#include "eigenformer/kernels/float_product.hpp"
#include "eigenformer/kernels/neon/panel_decode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {

/// A piece of k for all rows of one panel.
struct ProductPiece {
  const std::byte* weights;  ///< [count][16] f32
  std::size_t count;
  const float* input;  ///< the first row's value at the first k
  std::size_t input_stride;
  float* output;
  std::size_t output_stride;
  bool first;  ///< sums begin at +0
};

template <int rows>
inline void multiply_piece(const ProductPiece& piece) {
  Lanes sums[rows][k_parts];
#pragma GCC unroll 5
  for (int row = 0; row < rows; ++row) {
    const float* before = piece.output + static_cast<std::size_t>(row) * piece.output_stride;
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      sums[row][part] = piece.first ? every_lane(0.0F) : load(before + 4 * part);
    }
  }
  for (std::size_t k = 0; k < piece.count; ++k) {
    Lanes weights[k_parts];
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      weights[part] = load_weights<quant::PanelKind::f32>(piece.weights, k, part);
    }
#pragma GCC unroll 5
    for (int row = 0; row < rows; ++row) {
      const Lanes x = vld1q_dup_f32(piece.input + static_cast<std::size_t>(row) * piece.input_stride + k);
#pragma GCC unroll 4
      for (std::size_t part = 0; part < k_parts; ++part) {
        sums[row][part] = fused_multiply_add(x, weights[part], sums[row][part]);
      }
    }
  }
#pragma GCC unroll 5
  for (int row = 0; row < rows; ++row) {
    float* after = piece.output + static_cast<std::size_t>(row) * piece.output_stride;
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) store(after + 4 * part, sums[row][part]);
  }
}

inline void multiply_piece_rows(ProductPiece piece, std::size_t rows) {
  for (; rows >= 5; rows -= 5) {
    multiply_piece<5>(piece);
    piece.input += 5 * piece.input_stride;
    piece.output += 5 * piece.output_stride;
  }
  switch (rows) {
    case 1: return multiply_piece<1>(piece);
    case 2: return multiply_piece<2>(piece);
    case 3: return multiply_piece<3>(piece);
    case 4: return multiply_piece<4>(piece);
    default: return;
  }
}

/// Few rows over several panels at a time, straight from the panels: there are too few sums in one panel to hide the
/// latency of the fused multiply-add.
template <quant::PanelKind kind, int rows, int panels>
inline void multiply_panels(const FloatProduct& product, std::size_t first_panel) {
  const std::size_t bytes = quant::panel_bytes(kind, product.inner);
  const std::byte* weights = product.panels + first_panel * bytes;
  Lanes sums[rows][panels * k_parts] = {};
  for (std::size_t k = 0; k < product.inner; ++k) {
#pragma GCC unroll 16
    for (std::size_t part = 0; part < panels * k_parts; ++part) {
      const Lanes four = load_weights<kind>(weights + part / k_parts * bytes, k, part % k_parts);
#pragma GCC unroll 5
      for (int row = 0; row < rows; ++row) {
        const Lanes x = vld1q_dup_f32(product.input + static_cast<std::size_t>(row) * product.input_stride + k);
        sums[row][part] = fused_multiply_add(x, four, sums[row][part]);
      }
    }
  }
#pragma GCC unroll 5
  for (int row = 0; row < rows; ++row) {
    float* output = product.output + static_cast<std::size_t>(row) * product.output_stride + 16 * first_panel;
#pragma GCC unroll 16
    for (std::size_t part = 0; part < panels * k_parts; ++part) store(output + 4 * part, sums[row][part]);
  }
}

template <quant::PanelKind kind, int rows, int panels>
inline void multiply_few_rows(const FloatProduct& product) {
  std::size_t panel = 0;
  for (; panel + panels <= product.panel_count; panel += panels) multiply_panels<kind, rows, panels>(product, panel);
  for (; panel < product.panel_count; ++panel) multiply_panels<kind, rows, 1>(product, panel);
}

inline constexpr std::size_t k_product_piece = 256;  ///< of k: 16 KiB of f32 weights

template <quant::PanelKind kind>
inline void multiply_panel(const FloatProduct& product, const std::byte* panel, float* output) {
  constexpr bool in_place = kind == quant::PanelKind::f32;
  float decoded[in_place ? 1 : k_product_piece * quant::k_panel_outputs];
  std::size_t k = 0;
  do {
    const std::size_t left = product.inner - k;
    const std::size_t count = left < k_product_piece ? left : k_product_piece;
    const std::byte* weights = panel + 64 * k;
    if constexpr (!in_place) {
      decode_panel<kind>(panel, k, count, decoded);
      weights = reinterpret_cast<const std::byte*>(decoded);
    }
    const ProductPiece piece = {weights, count, product.input + k, product.input_stride, output, product.output_stride,
                                k == 0};
    multiply_piece_rows(piece, product.rows);
    k += count;
  } while (k < product.inner);
}

template <quant::PanelKind kind>
inline void float_product_of(const FloatProduct& product) {
  if constexpr (!quant::is_block_kind(kind)) {
    switch (product.rows) {
      case 1: return multiply_few_rows<kind, 1, 4>(product);
      case 2: return multiply_few_rows<kind, 2, 2>(product);
      case 3: return multiply_few_rows<kind, 3, 1>(product);
      case 4: return multiply_few_rows<kind, 4, 1>(product);
      case 5: return multiply_few_rows<kind, 5, 1>(product);
      default: break;
    }
  }
  const std::size_t bytes = quant::panel_bytes(kind, product.inner);
  for (std::size_t panel = 0; panel < product.panel_count; ++panel) {
    multiply_panel<kind>(product, product.panels + panel * bytes, product.output + panel * quant::k_panel_outputs);
  }
}

inline void float_product(const FloatProduct& product) noexcept {
  switch (product.kind) {
    case quant::PanelKind::f32: return float_product_of<quant::PanelKind::f32>(product);
    case quant::PanelKind::f16: return float_product_of<quant::PanelKind::f16>(product);
    case quant::PanelKind::bf16: return float_product_of<quant::PanelKind::bf16>(product);
    case quant::PanelKind::q4_minimum: return float_product_of<quant::PanelKind::q4_minimum>(product);
    case quant::PanelKind::q4_centered: return float_product_of<quant::PanelKind::q4_centered>(product);
    case quant::PanelKind::q8: return float_product_of<quant::PanelKind::q8>(product);
    case quant::PanelKind::q8_minimum: return float_product_of<quant::PanelKind::q8_minimum>(product);
    case quant::PanelKind::q4_k: return float_product_of<quant::PanelKind::q4_k>(product);
    case quant::PanelKind::q6_k: return float_product_of<quant::PanelKind::q6_k>(product);
    case quant::PanelKind::q2_k: return float_product_of<quant::PanelKind::q2_k>(product);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
