// Matrix product with f32 activations (rule 1): tiles of up to 6 rows by 16 outputs, twelve sums in registers.
//
// k is walked in pieces so that a piece of a panel stays in the first-level cache while all rows pass; the sums rest in
// the output between two pieces, which changes no bit. Panels that are not f32 are decoded a piece at a time, except
// for few rows, where the decoded weights go straight into the sums.
#pragma once

#include "eigenformer/kernels/avx2/panel_decode.hpp"
#include "eigenformer/kernels/float_product.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

/// A piece of k for all rows of one panel.
struct ProductPiece {
  const std::byte* weights;  ///< [count][16]
  std::size_t count;
  const float* input;  ///< the first row's value at the first k
  std::size_t input_stride;
  float* output;
  std::size_t output_stride;
  bool first;  ///< sums begin at +0
};

template <quant::PanelKind kind, int rows>
inline void multiply_piece(const ProductPiece& piece) {
  __m256 low[rows];
  __m256 high[rows];
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
    const float* sums = piece.output + static_cast<std::size_t>(row) * piece.output_stride;
    low[row] = piece.first ? _mm256_setzero_ps() : _mm256_loadu_ps(sums);
    high[row] = piece.first ? _mm256_setzero_ps() : _mm256_loadu_ps(sums + 8);
  }
  for (std::size_t k = 0; k < piece.count; ++k) {
    const SixteenWeights weights = load_weights<kind>(piece.weights, k);
#pragma GCC unroll 6
    for (int row = 0; row < rows; ++row) {
      const __m256 x = _mm256_broadcast_ss(piece.input + static_cast<std::size_t>(row) * piece.input_stride + k);
      low[row] = _mm256_fmadd_ps(x, weights.low, low[row]);
      high[row] = _mm256_fmadd_ps(x, weights.high, high[row]);
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
    float* sums = piece.output + static_cast<std::size_t>(row) * piece.output_stride;
    _mm256_storeu_ps(sums, low[row]);
    _mm256_storeu_ps(sums + 8, high[row]);
  }
}

template <quant::PanelKind kind>
inline void multiply_piece_rows(ProductPiece piece, std::size_t rows) {
  for (; rows >= 6; rows -= 6) {
    multiply_piece<kind, 6>(piece);
    piece.input += 6 * piece.input_stride;
    piece.output += 6 * piece.output_stride;
  }
  switch (rows) {
    case 1: return multiply_piece<kind, 1>(piece);
    case 2: return multiply_piece<kind, 2>(piece);
    case 3: return multiply_piece<kind, 3>(piece);
    case 4: return multiply_piece<kind, 4>(piece);
    case 5: return multiply_piece<kind, 5>(piece);
    default: return;
  }
}

/// One row, four panels at a time: eight chains hide the latency of the fused multiply-add.
template <quant::PanelKind kind, int panels>
inline void multiply_row(const std::byte* weights, std::size_t panel_bytes, std::size_t inner, const float* input,
                         float* output) {
  __m256 low[panels];
  __m256 high[panels];
#pragma GCC unroll 4
  for (int panel = 0; panel < panels; ++panel) low[panel] = high[panel] = _mm256_setzero_ps();
  for (std::size_t k = 0; k < inner; ++k) {
    const __m256 x = _mm256_broadcast_ss(input + k);
#pragma GCC unroll 4
    for (int panel = 0; panel < panels; ++panel) {
      const SixteenWeights sixteen = load_weights<kind>(weights + static_cast<std::size_t>(panel) * panel_bytes, k);
      low[panel] = _mm256_fmadd_ps(x, sixteen.low, low[panel]);
      high[panel] = _mm256_fmadd_ps(x, sixteen.high, high[panel]);
    }
  }
#pragma GCC unroll 4
  for (int panel = 0; panel < panels; ++panel) {
    _mm256_storeu_ps(output + 16 * panel, low[panel]);
    _mm256_storeu_ps(output + 16 * panel + 8, high[panel]);
  }
}

template <quant::PanelKind kind>
inline void multiply_one_row(const FloatProduct& product) {
  const std::size_t bytes = quant::panel_bytes(kind, product.inner);
  std::size_t panel = 0;
  for (; panel + 4 <= product.panel_count; panel += 4) {
    multiply_row<kind, 4>(product.panels + panel * bytes, bytes, product.inner, product.input,
                          product.output + 16 * panel);
  }
  for (; panel < product.panel_count; ++panel) {
    multiply_row<kind, 1>(product.panels + panel * bytes, bytes, product.inner, product.input,
                          product.output + 16 * panel);
  }
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
    multiply_piece_rows<quant::PanelKind::f32>(piece, product.rows);
    k += count;
  } while (k < product.inner);
}

template <quant::PanelKind kind>
inline void float_product_of(const FloatProduct& product) {
  if constexpr (!quant::is_block_kind(kind)) {
    if (product.rows == 1) return multiply_one_row<kind>(product);
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
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
