// Matrix product of block kinds with quantized activations (rule 2), a panel of 16 outputs by a few rows (text for
// target regions, as lanes/float_math.hpp says).
//
// It stands on dots_of_block<kind, rows>, which sums a block's products of integers exactly, and on k_product_rows, the
// rows for which that has registers: two to four; also on load_scales, load_minimums and sum_of_sixteen.

/// Rows of quantized activations, from one of them on.
struct ActivationTile {
  const std::int8_t* codes;
  const float* scales;
  const float* scaled_sums;
  const std::int32_t* sums;
  std::size_t inner;   ///< codes of a row
  std::size_t blocks;  ///< blocks of a row
};

/// A block of one row of activations, as it is added to the sums.
struct ActivationBlock {
  float scale;
  float scaled_sum;  ///< for kinds with a minimum
};

template <quant::PanelKind kind>
inline ActivationBlock activation_block(const ActivationTile& input, std::size_t row, std::size_t block) {
  if constexpr (quant::block_values(kind) == quant::k_block) {
    const std::size_t at = row * input.blocks + block;
    return {input.scales[at], input.scaled_sums[at]};
  }
  const float scale = input.scales[row * input.blocks + block / 2];
  if constexpr (!quant::has_minimum(kind)) return {scale, 0.0F};
  return {scale, scale * static_cast<float>(sum_of_sixteen(input.codes + row * input.inner + 16 * block))};
}

/// One panel, `rows` rows: acc = fma(float(dot), scale_w scale_x, acc), then acc = fma(minimum, scaled_sum, acc).
template <quant::PanelKind kind, int rows>
inline void product_tile(const std::byte* panel, const ActivationTile& input, float* output, std::size_t stride) {
  constexpr std::size_t values = quant::block_values(kind);
  Lanes sums[rows][k_parts] = {};
  for (std::size_t block = 0; block < input.inner / values; ++block) {
    const BlockDots<rows> dots =
        dots_of_block<kind, rows>(panel + quant::codes_at(kind, block), input.codes + block * values, input.inner);
#pragma GCC unroll 4
    for (int row = 0; row < rows; ++row) {
      const ActivationBlock at = activation_block<kind>(input, static_cast<std::size_t>(row), block);
#pragma GCC unroll 4
      for (std::size_t part = 0; part < k_parts; ++part) {
        IntegerLanes dot = dots.parts[row][part];
        if constexpr (kind == quant::PanelKind::q4_centered) {
          dot = dot - every_integer(8 * input.sums[static_cast<std::size_t>(row) * input.blocks + block]);
        }
        const Lanes scale = load_scales<kind>(panel, block, part) * every_lane(at.scale);
        sums[row][part] = fused_multiply_add(converted(dot), scale, sums[row][part]);
        if constexpr (quant::has_minimum(kind)) {
          const Lanes minimum = load_minimums<kind>(panel, block, part);
          sums[row][part] = fused_multiply_add(minimum, every_lane(at.scaled_sum), sums[row][part]);
        }
      }
    }
  }
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) {
    float* first = output + static_cast<std::size_t>(row) * stride;
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) store(first + k_lanes * part, sums[row][part]);
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
    const std::byte* bytes = product.panels + panel * quant::panel_bytes(kind, product.input.inner);
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
    case quant::PanelKind::q8_minimum: return block_product_of<quant::PanelKind::q8_minimum>(product);
    case quant::PanelKind::q4_k: return block_product_of<quant::PanelKind::q4_k>(product);
    case quant::PanelKind::q6_k: return block_product_of<quant::PanelKind::q6_k>(product);
    case quant::PanelKind::q2_k: return block_product_of<quant::PanelKind::q2_k>(product);
    default: return;
  }
}
