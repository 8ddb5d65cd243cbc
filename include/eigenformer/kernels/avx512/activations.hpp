// Activations and gates on sixteen lanes.
#pragma once

#include "eigenformer/kernels/activations.hpp"
#include "eigenformer/kernels/avx512/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

template <Activation kind>
[[gnu::always_inline]] inline __m512 activation(__m512 x) {
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
  for (; i + 16 <= size; i += 16) _mm512_storeu_ps(values + i, activation<kind>(_mm512_loadu_ps(values + i)));
  if (i < size) store_first(values + i, size - i, activation<kind>(load_first(values + i, size - i)));
}

template <Activation kind>
inline void activate_gated_as(float* gate, const float* up, std::size_t size) {
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m512 active = activation<kind>(_mm512_loadu_ps(gate + i));
    _mm512_storeu_ps(gate + i, _mm512_mul_ps(active, _mm512_loadu_ps(up + i)));
  }
  if (i == size) return;
  const __m512 active = activation<kind>(load_first(gate + i, size - i));
  store_first(gate + i, size - i, _mm512_mul_ps(active, load_first(up + i, size - i)));
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

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
