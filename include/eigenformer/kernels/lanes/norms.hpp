// RMSNorm and LayerNorm of one row on lanes: the sixteen virtual lanes of rule 3 are k_parts registers (text for target
// regions, as lanes/float_math.hpp says).

/// Lanes in use of the register that holds values i .. i + k_lanes - 1 of `size`.
inline std::size_t lanes_left(std::size_t size, std::size_t i) { return size - i < k_lanes ? size - i : k_lanes; }

/// sum(x - offset)^2, or of x^2 for offset 0 (x - 0 is x). Lanes beyond the end add fma(0, 0, lane), which is the lane.
inline float sum_of_squares(const float* values, std::size_t size, float offset) {
  const Lanes shift = every_lane(offset);
  Lanes sums[k_parts] = {};
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      const Lanes difference = load(values + i + part * k_lanes) - shift;
      sums[part] = fused_multiply_add(difference, difference, sums[part]);
    }
  }
  if (i == size) return sum_of_lanes(sums);
#pragma GCC unroll 4
  for (std::size_t part = 0; part < k_parts; ++part) {
    const std::size_t count = lanes_left(size, i);
    const Lanes difference = keep_where(first_lanes(count), load_first(values + i, count) - shift);
    sums[part] = fused_multiply_add(difference, difference, sums[part]);
    i += count;
  }
  return sum_of_lanes(sums);
}

inline float sum_of_values(const float* values, std::size_t size) {
  Lanes sums[k_parts] = {};
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) sums[part] = sums[part] + load(values + i + part * k_lanes);
  }
  if (i == size) return sum_of_lanes(sums);
#pragma GCC unroll 4
  for (std::size_t part = 0; part < k_parts; ++part) {
    const std::size_t count = lanes_left(size, i);
    sums[part] = sums[part] + load_first(values + i, count);
    i += count;
  }
  return sum_of_lanes(sums);
}

inline void rms_norm(const RmsNorm& norm) noexcept {
  const float mean = sum_of_squares(norm.input, norm.size, 0.0F) / static_cast<float>(norm.size);
  const Lanes scale = every_lane(1.0F / std::sqrt(mean + norm.epsilon));
  std::size_t i = 0;
  for (; i + k_lanes <= norm.size; i += k_lanes) {
    store(norm.output + i, load(norm.input + i) * scale * load(norm.weight + i));
  }
  if (i == norm.size) return;
  const std::size_t left = norm.size - i;
  store_first(norm.output + i, left, load_first(norm.input + i, left) * scale * load_first(norm.weight + i, left));
}

inline void layer_norm(const LayerNorm& norm) noexcept {
  const float count = static_cast<float>(norm.size);
  const float mean = sum_of_values(norm.input, norm.size) / count;
  const float variance = sum_of_squares(norm.input, norm.size, mean) / count;
  const Lanes shift = every_lane(mean);
  const Lanes scale = every_lane(1.0F / std::sqrt(variance + norm.epsilon));
  std::size_t i = 0;
  for (; i + k_lanes <= norm.size; i += k_lanes) {
    const Lanes scaled = (load(norm.input + i) - shift) * scale;
    store(norm.output + i, fused_multiply_add(scaled, load(norm.weight + i), load(norm.bias + i)));
  }
  if (i == norm.size) return;
  const std::size_t left = norm.size - i;
  const Lanes scaled = (load_first(norm.input + i, left) - shift) * scale;
  const Lanes weight = load_first(norm.weight + i, left);
  store_first(norm.output + i, left, fused_multiply_add(scaled, weight, load_first(norm.bias + i, left)));
}
