// Matrix product with f32 activations (rule 1): tiles of up to 8 rows by two panels, 16 sums in registers.
//
// k is walked in pieces so that a piece of two panels stays in the nearest caches while all rows pass; the sums rest
// in the output between two pieces, which changes no bit. Panels that are not f32 are decoded a piece at a time, except
// plain ones for few rows, where the widened weights go straight into the sums.
#pragma once

#include "eigenformer/kernels/avx512/panel_decode.hpp"
#include "eigenformer/kernels/float_product.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// A piece of k for all rows of one or two panels.
struct ProductPiece {
  const std::byte* weights;    ///< [count][16] f32
  std::size_t weights_stride;  ///< bytes from one panel to the next
  std::size_t count;
  const float* input;  ///< the first row's value at the first k
  std::size_t input_stride;
  float* output;
  std::size_t output_stride;
  bool first;  ///< sums begin at +0
};

template <int rows, int panels>
inline void multiply_piece(const ProductPiece& piece) {
  __m512 sums[rows][panels];
#pragma GCC unroll 8
  for (int row = 0; row < rows; ++row) {
    const float* before = piece.output + static_cast<std::size_t>(row) * piece.output_stride;
#pragma GCC unroll 2
    for (int panel = 0; panel < panels; ++panel) {
      sums[row][panel] = piece.first ? _mm512_setzero_ps() : _mm512_loadu_ps(before + 16 * panel);
    }
  }
  for (std::size_t k = 0; k < piece.count; ++k) {
    __m512 weights[panels];
#pragma GCC unroll 2
    for (int panel = 0; panel < panels; ++panel) {
      const std::byte* at = piece.weights + static_cast<std::size_t>(panel) * piece.weights_stride;
      weights[panel] = load_weights<quant::PanelKind::f32>(at, k);
    }
#pragma GCC unroll 8
    for (int row = 0; row < rows; ++row) {
      const __m512 x = _mm512_set1_ps(piece.input[static_cast<std::size_t>(row) * piece.input_stride + k]);
#pragma GCC unroll 2
      for (int panel = 0; panel < panels; ++panel) {
        sums[row][panel] = _mm512_fmadd_ps(x, weights[panel], sums[row][panel]);
      }
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < rows; ++row) {
    float* after = piece.output + static_cast<std::size_t>(row) * piece.output_stride;
#pragma GCC unroll 2
    for (int panel = 0; panel < panels; ++panel) _mm512_storeu_ps(after + 16 * panel, sums[row][panel]);
  }
}

/// Rows go in tiles of about as many each, eight at most: more pointers to rows than that do not stay in registers.
template <int panels>
inline void multiply_piece_rows(ProductPiece piece, std::size_t rows) {
  while (rows > 0) {
    const std::size_t tiles = (rows + 7) / 8;
    const std::size_t count = (rows + tiles - 1) / tiles;
    switch (count) {
      case 1: multiply_piece<1, panels>(piece); break;
      case 2: multiply_piece<2, panels>(piece); break;
      case 3: multiply_piece<3, panels>(piece); break;
      case 4: multiply_piece<4, panels>(piece); break;
      case 5: multiply_piece<5, panels>(piece); break;
      case 6: multiply_piece<6, panels>(piece); break;
      case 7: multiply_piece<7, panels>(piece); break;
      default: multiply_piece<8, panels>(piece); break;
    }
    piece.input += count * piece.input_stride;
    piece.output += count * piece.output_stride;
    rows -= count;
  }
}

/// Few rows over several panels at a time, straight from the panels: there are too few sums in one panel to hide the
/// latency of the fused multiply-add. A row alone takes eight: more streams read memory faster.
template <quant::PanelKind kind, int rows, int panels>
inline void multiply_panels(const FloatProduct& product, std::size_t first_panel) {
  const std::size_t bytes = quant::panel_bytes(kind, product.inner);
  const std::byte* weights = product.panels + first_panel * bytes;
  __m512 sums[rows][panels];
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 8
    for (int panel = 0; panel < panels; ++panel) sums[row][panel] = _mm512_setzero_ps();
  }
  for (std::size_t k = 0; k < product.inner; ++k) {
#pragma GCC unroll 8
    for (int panel = 0; panel < panels; ++panel) {
      const __m512 sixteen = load_weights<kind>(weights + static_cast<std::size_t>(panel) * bytes, k);
#pragma GCC unroll 6
      for (int row = 0; row < rows; ++row) {
        const __m512 x = _mm512_set1_ps(product.input[static_cast<std::size_t>(row) * product.input_stride + k]);
        sums[row][panel] = _mm512_fmadd_ps(x, sixteen, sums[row][panel]);
      }
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
    float* output = product.output + static_cast<std::size_t>(row) * product.output_stride + 16 * first_panel;
#pragma GCC unroll 8
    for (int panel = 0; panel < panels; ++panel) _mm512_storeu_ps(output + 16 * panel, sums[row][panel]);
  }
}

template <quant::PanelKind kind, int rows, int panels>
inline void multiply_few_rows(const FloatProduct& product) {
  std::size_t panel = 0;
  for (; panel + panels <= product.panel_count; panel += panels) multiply_panels<kind, rows, panels>(product, panel);
  for (; panel < product.panel_count; ++panel) multiply_panels<kind, rows, 1>(product, panel);
}

inline constexpr std::size_t k_product_piece = 256;  ///< of k: 32 KiB of f32 weights of two panels

template <quant::PanelKind kind, int panels>
inline void multiply_many_rows(const FloatProduct& product, std::size_t panel) {
  constexpr bool in_place = kind == quant::PanelKind::f32;
  constexpr std::size_t piece_floats = k_product_piece * quant::k_panel_outputs;
  float decoded[in_place ? 1 : panels * piece_floats];
  const std::size_t bytes = quant::panel_bytes(kind, product.inner);
  const std::byte* weights = product.panels + panel * bytes;
  std::size_t k = 0;
  do {
    const std::size_t left = product.inner - k;
    const std::size_t count = left < k_product_piece ? left : k_product_piece;
    ProductPiece piece = {.weights = weights + 64 * k,
                          .weights_stride = bytes,
                          .count = count,
                          .input = product.input + k,
                          .input_stride = product.input_stride,
                          .output = product.output + panel * quant::k_panel_outputs,
                          .output_stride = product.output_stride,
                          .first = k == 0};
    if constexpr (!in_place) {
      for (std::size_t i = 0; i < panels; ++i) {
        decode_panel<kind>(weights + i * bytes, k, count, decoded + i * piece_floats);
      }
      piece.weights = reinterpret_cast<const std::byte*>(decoded);
      piece.weights_stride = 4 * piece_floats;
    }
    multiply_piece_rows<panels>(piece, product.rows);
    k += count;
  } while (k < product.inner);
}

template <quant::PanelKind kind>
inline void float_product_of(const FloatProduct& product) {
  if constexpr (!quant::is_block_kind(kind)) {
    switch (product.rows) {
      case 1: return multiply_few_rows<kind, 1, 8>(product);
      case 2: return multiply_few_rows<kind, 2, 4>(product);
      case 3: return multiply_few_rows<kind, 3, 4>(product);
      case 4: return multiply_few_rows<kind, 4, 2>(product);
      case 5: return multiply_few_rows<kind, 5, 2>(product);
      case 6: return multiply_few_rows<kind, 6, 2>(product);
      default: break;
    }
  }
  std::size_t panel = 0;
  for (; panel + 2 <= product.panel_count; panel += 2) multiply_many_rows<kind, 2>(product, panel);
  if (panel < product.panel_count) multiply_many_rows<kind, 1>(product, panel);
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

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
