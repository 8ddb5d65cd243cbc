// Activations, gates and sums of rows on lanes (text for target regions, as lanes/float_math.hpp says).

template <Activation kind>
[[gnu::always_inline]] inline Lanes activation(Lanes x) {
  if constexpr (kind == Activation::relu) return relu(x);
  if constexpr (kind == Activation::silu) return silu(x);
  if constexpr (kind == Activation::gelu) return gelu(x);
  if constexpr (kind == Activation::gelu_tanh) return gelu_tanh(x);
  if constexpr (kind == Activation::tanh) return hyperbolic_tangent(x);
  if constexpr (kind == Activation::sigmoid) return sigmoid(x);
  return x;
}

template <Activation kind>
inline void activate_as(float* values, std::size_t size) {
  std::size_t i = 0;
  for (; i + k_lanes <= size; i += k_lanes) store(values + i, activation<kind>(load(values + i)));
  if (i < size) store_first(values + i, size - i, activation<kind>(load_first(values + i, size - i)));
}

template <Activation kind>
inline void activate_gated_as(float* gate, const float* up, std::size_t size) {
  std::size_t i = 0;
  for (; i + k_lanes <= size; i += k_lanes) {
    store(gate + i, activation<kind>(load(gate + i)) * load(up + i));
  }
  if (i == size) return;
  const Lanes active = activation<kind>(load_first(gate + i, size - i));
  store_first(gate + i, size - i, active * load_first(up + i, size - i));
}

inline void activate(Activation kind, float* values, std::size_t size) noexcept {
  switch (kind) {
    case Activation::identity: return;
    case Activation::relu: return activate_as<Activation::relu>(values, size);
    case Activation::silu: return activate_as<Activation::silu>(values, size);
    case Activation::gelu: return activate_as<Activation::gelu>(values, size);
    case Activation::gelu_tanh: return activate_as<Activation::gelu_tanh>(values, size);
    case Activation::tanh: return activate_as<Activation::tanh>(values, size);
    case Activation::sigmoid: return activate_as<Activation::sigmoid>(values, size);
  }
}

inline void activate_gated(Activation kind, float* gate, const float* up, std::size_t size) noexcept {
  switch (kind) {
    case Activation::identity: return activate_gated_as<Activation::identity>(gate, up, size);
    case Activation::relu: return activate_gated_as<Activation::relu>(gate, up, size);
    case Activation::silu: return activate_gated_as<Activation::silu>(gate, up, size);
    case Activation::gelu: return activate_gated_as<Activation::gelu>(gate, up, size);
    case Activation::gelu_tanh: return activate_gated_as<Activation::gelu_tanh>(gate, up, size);
    case Activation::tanh: return activate_gated_as<Activation::tanh>(gate, up, size);
    case Activation::sigmoid: return activate_gated_as<Activation::sigmoid>(gate, up, size);
  }
}

inline void add(const float* left, const float* right, float* sum, std::size_t size) noexcept {
  std::size_t i = 0;
  for (; i + k_lanes <= size; i += k_lanes) store(sum + i, load(left + i) + load(right + i));
  if (i == size) return;
  store_first(sum + i, size - i, load_first(left + i, size - i) + load_first(right + i, size - i));
}
