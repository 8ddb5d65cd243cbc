// Matrix product of block kinds with quantized activations (rule 2), a panel of 16 outputs by a few rows (text for
// target regions, as lanes/float_math.hpp says).
//
// It stands on dots_of_block<kind, rows>, which sums 32 products of integers exactly, and on k_product_rows, the rows
// for which that has registers: two to four.

/// Rows of quantized activations, from one of them on.
struct ActivationTile {
  const std::int8_t* codes;
  const float* scales;
  const float* scaled_sums;
  const std::int32_t* sums;
  std::size_t inner;   ///< codes of a row
  std::size_t blocks;  ///< blocks of a row
};

/// One panel, `rows` rows: acc = fma(float(dot), scale_w scale_x, acc), then acc = fma(minimum, scaled_sum, acc).
template <quant::PanelKind kind, int rows>
inline void product_tile(const std::byte* panel, const ActivationTile& input, float* output, std::size_t stride) {
  constexpr std::size_t block_bytes = quant::panel_block_bytes(kind);
  constexpr std::size_t code_offset = kind == quant::PanelKind::q4_minimum ? 64 : 32;
  Lanes sums[rows][k_parts] = {};
  for (std::size_t block = 0; block < input.blocks; ++block) {
    const std::byte* bytes = panel + block * block_bytes;
    const BlockDots<rows> dots =
        dots_of_block<kind, rows>(bytes + code_offset, input.codes + block * quant::k_block, input.inner);
#pragma GCC unroll 4
    for (int row = 0; row < rows; ++row) {
      const std::size_t at = static_cast<std::size_t>(row) * input.blocks + block;
      const Lanes scale = every_lane(input.scales[at]);
#pragma GCC unroll 4
      for (std::size_t part = 0; part < k_parts; ++part) {
        const std::byte* scales = bytes + 2 * k_lanes * part;
        IntegerLanes dot = dots.parts[row][part];
        if constexpr (kind == quant::PanelKind::q4_centered) dot = dot - every_integer(8 * input.sums[at]);
        sums[row][part] = fused_multiply_add(converted(dot), load_halves(scales) * scale, sums[row][part]);
        if constexpr (kind == quant::PanelKind::q4_minimum) {
          const Lanes minimum = load_halves(scales + 32);
          sums[row][part] = fused_multiply_add(minimum, every_lane(input.scaled_sums[at]), sums[row][part]);
        }
      }
    }
  }
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) {
    float* values = output + static_cast<std::size_t>(row) * stride;
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) store(values + k_lanes * part, sums[row][part]);
  }
}

/// The last rows of a product, fewer than k_product_rows.
template <quant::PanelKind kind>
inline void product_of_last_rows(const std::byte* panel, const ActivationTile& input, float* output, std::size_t stride,
                                 std::size_t rows) {
  if (rows == 1) return product_tile<kind, 1>(panel, input, output, stride);
  if constexpr (k_product_rows > 2) {
    if (rows == 2) return product_tile<kind, 2>(panel, input, output, stride);
  }
  if constexpr (k_product_rows > 3) {
    if (rows == 3) return product_tile<kind, 3>(panel, input, output, stride);
  }
}

template <quant::PanelKind kind>
inline void block_product_of(const BlockProduct& product) {
  const std::size_t blocks = product.input.inner / quant::k_block;
  for (std::size_t panel = 0; panel < product.panel_count; ++panel) {
    const std::byte* bytes = product.panels + panel * blocks * quant::panel_block_bytes(kind);
    for (std::size_t row = 0; row < product.rows; row += k_product_rows) {
      const ActivationTile input = {product.input.codes + row * product.input.inner,
                                    product.input.scales + row * blocks,
                                    product.input.scaled_sums + row * blocks,
                                    product.input.sums + row * blocks,
                                    product.input.inner,
                                    blocks};
      float* output = product.output + row * product.output_stride + panel * quant::k_panel_outputs;
      const std::size_t left = product.rows - row;
      if (left < k_product_rows) {
        product_of_last_rows<kind>(bytes, input, output, product.output_stride, left);
      } else {
        product_tile<kind, k_product_rows>(bytes, input, output, product.output_stride);
      }
    }
  }
}

inline void block_product(const BlockProduct& product) noexcept {
  switch (product.kind) {
    case quant::PanelKind::q4_minimum: return block_product_of<quant::PanelKind::q4_minimum>(product);
    case quant::PanelKind::q4_centered: return block_product_of<quant::PanelKind::q4_centered>(product);
    case quant::PanelKind::q8: return block_product_of<quant::PanelKind::q8>(product);
    default: return;
  }
}
