// Rotary positions of one head on lanes (text for target regions, as lanes/float_math.hpp says).

inline void rotate(const Rotation& rotation) noexcept {
  const std::size_t half = rotation.size / 2;
  for (std::size_t i = 0; i < half; i += k_lanes) {
    const std::size_t count = half - i < k_lanes ? half - i : k_lanes;
    const Lanes low = load_first(rotation.head + i, count);
    const Lanes high = load_first(rotation.head + half + i, count);
    const Lanes cosine = load_first(rotation.cosines + i, count);
    const Lanes sine = load_first(rotation.sines + i, count);
    store_first(rotation.head + i, count, fused_multiply_subtract(low, cosine, high * sine));
    store_first(rotation.head + half + i, count, fused_multiply_add(high, cosine, low * sine));
  }
}
