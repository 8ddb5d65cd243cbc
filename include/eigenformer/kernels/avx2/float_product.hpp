// Matrix product with f32 activations (rule 1): tiles of up to 6 rows by 16 outputs, twelve sums in registers.
//
// k is walked in pieces so that a piece of a panel stays in the first-level cache while all rows pass; the sums rest in
// the output between two pieces, which changes no bit. Panels that are not f32 are decoded a piece at a time, except
// plain ones for few rows, where the widened weights go straight into the sums.
#pragma once

#include "eigenformer/kernels/avx2/panel_decode.hpp"
#include "eigenformer/kernels/float_product.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

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
  __m256 low[rows];
  __m256 high[rows];
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
    const float* sums = piece.output + static_cast<std::size_t>(row) * piece.output_stride;
    low[row] = piece.first ? _mm256_setzero_ps() : _mm256_loadu_ps(sums);
    high[row] = piece.first ? _mm256_setzero_ps() : _mm256_loadu_ps(sums + 8);
  }
  for (std::size_t k = 0; k < piece.count; ++k) {
    const SixteenWeights weights = load_weights<quant::PanelKind::f32>(piece.weights, k);
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

inline void multiply_piece_rows(ProductPiece piece, std::size_t rows) {
  for (; rows >= 6; rows -= 6) {
    multiply_piece<6>(piece);
    piece.input += 6 * piece.input_stride;
    piece.output += 6 * piece.output_stride;
  }
  switch (rows) {
    case 1: return multiply_piece<1>(piece);
    case 2: return multiply_piece<2>(piece);
    case 3: return multiply_piece<3>(piece);
    case 4: return multiply_piece<4>(piece);
    case 5: return multiply_piece<5>(piece);
    default: return;
  }
}

/// Few rows over several panels at a time, straight from the panels: there are too few sums in one panel to hide the
/// latency of the fused multiply-add.
template <quant::PanelKind kind, int rows, int panels>
inline void multiply_panels(const FloatProduct& product, std::size_t first_panel) {
  const std::size_t bytes = quant::panel_bytes(kind, product.inner);
  const std::byte* weights = product.panels + first_panel * bytes;
  __m256 low[rows][panels];
  __m256 high[rows][panels];
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (int panel = 0; panel < panels; ++panel) low[row][panel] = high[row][panel] = _mm256_setzero_ps();
  }
  for (std::size_t k = 0; k < product.inner; ++k) {
#pragma GCC unroll 4
    for (int panel = 0; panel < panels; ++panel) {
      const SixteenWeights sixteen = load_weights<kind>(weights + static_cast<std::size_t>(panel) * bytes, k);
#pragma GCC unroll 6
      for (int row = 0; row < rows; ++row) {
        const __m256 x = _mm256_broadcast_ss(product.input + static_cast<std::size_t>(row) * product.input_stride + k);
        low[row][panel] = _mm256_fmadd_ps(x, sixteen.low, low[row][panel]);
        high[row][panel] = _mm256_fmadd_ps(x, sixteen.high, high[row][panel]);
      }
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
    float* output = product.output + static_cast<std::size_t>(row) * product.output_stride + 16 * first_panel;
#pragma GCC unroll 4
    for (int panel = 0; panel < panels; ++panel) {
      _mm256_storeu_ps(output + 16 * panel, low[row][panel]);
      _mm256_storeu_ps(output + 16 * panel + 8, high[row][panel]);
    }
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
      case 6: return multiply_few_rows<kind, 6, 1>(product);
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

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
