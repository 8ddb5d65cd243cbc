// Element by element: activations, gates and sums of rows: the scalar truth (rule 5).
#pragma once

#include "eigenformer/kernels/float_math.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

inline float activation(Activation kind, float x) {
  switch (kind) {
    case Activation::identity: return x;
    case Activation::relu: return relu(x);
    case Activation::silu: return silu(x);
    case Activation::gelu: return gelu(x);
    case Activation::gelu_tanh: return gelu_tanh(x);
    case Activation::tanh: return hyperbolic_tangent(x);
    case Activation::sigmoid: return sigmoid(x);
  }
  return x;
}

inline void activate(Activation kind, float* values, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) values[i] = activation(kind, values[i]);
}

inline void activate_gated(Activation kind, float* gate, const float* up, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) gate[i] = activation(kind, gate[i]) * up[i];
}

inline void add(const float* left, const float* right, float* sum, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; ++i) sum[i] = left[i] + right[i];
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
