// Sums along a row (rule 3): sixteen virtual lanes, lane = index mod 16, each a chain of fused multiply-adds from +0;
// then the tree 16 -> 8 -> 4 -> 2 -> 1, lane i taking lane i + half.
#pragma once

#include <cstddef>

#include "eigenformer/core/fused_multiply_add.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

class RowSum {
 public:
  void add(std::size_t index, float value) { lanes_[index % 16] += value; }  // fma(value, 1, lane) is this sum
  void add_square(std::size_t index, float value) {
    lanes_[index % 16] = fused_multiply_add(value, value, lanes_[index % 16]);
  }
  float total() const {
    float lanes[16];
    for (std::size_t i = 0; i < 16; ++i) lanes[i] = lanes_[i];
    for (std::size_t half = 8; half > 0; half /= 2) {
      for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
    }
    return lanes[0];
  }

 private:
  float lanes_[16] = {};
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
