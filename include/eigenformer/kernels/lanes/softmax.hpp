// Softmax of one row on lanes, and the sum in it alone (text for target regions, as lanes/float_math.hpp says).

/// Of at least one value; which of two zeros is of no account.
inline float largest_value(const float* values, std::size_t size) {
  Lanes largest = every_lane(values[0]);
  std::size_t i = 0;
  for (; i + k_lanes <= size; i += k_lanes) largest = larger(load(values + i), largest);
  if (i < size) {
    const Lanes rest = select(first_lanes(size - i), load_first(values + i, size - i), largest);
    largest = larger(rest, largest);
  }
  return largest_lane(largest);
}

inline void softmax(float* values, std::size_t size) noexcept {
  if (size == 0) return;
  const Lanes maximum = every_lane(largest_value(values, size));
  std::size_t i = 0;
  for (; i + k_lanes <= size; i += k_lanes) store(values + i, exponential(load(values + i) - maximum));
  if (i < size) store_first(values + i, size - i, exponential(load_first(values + i, size - i) - maximum));
  const Lanes total = every_lane(sum_of_values(values, size));
  for (i = 0; i + k_lanes <= size; i += k_lanes) store(values + i, load(values + i) / total);
  if (i < size) store_first(values + i, size - i, load_first(values + i, size - i) / total);
}

inline ExponentialSum sum_exponentials(const float* values, std::size_t size) noexcept {
  constexpr float k_nothing = -std::numeric_limits<float>::infinity();
  const float maximum = size == 0 ? k_nothing : largest_value(values, size);
  if (maximum == k_nothing) return {k_nothing, 0.0F};
  const Lanes largest = every_lane(maximum);
  Lanes sums[k_parts] = {};
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      sums[part] = sums[part] + exponential(load(values + i + part * k_lanes) - largest);
    }
  }
  if (i == size) return {maximum, sum_of_lanes(sums)};
#pragma GCC unroll 4
  for (std::size_t part = 0; part < k_parts; ++part) {
    const std::size_t count = lanes_left(size, i);
    sums[part] = sums[part] + keep_where(first_lanes(count), exponential(load_first(values + i, count) - largest));
    i += count;
  }
  return {maximum, sum_of_lanes(sums)};
}
