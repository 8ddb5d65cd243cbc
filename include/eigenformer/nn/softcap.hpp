// A cap on logits that is smooth.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// cap * tanh(x / cap), element by element: [rows, width] -> [rows, width]. https://arxiv.org/abs/2408.00118, section 2
inline Value softcap(Recorder& recorder, Value x, float cap) {
  return recorder.rows(x.rows, {x}, x.width, [x, cap](Value y) -> RowBody {
    return [x, y, cap](const Step& step, std::size_t row) {
      const float* from = step.row(x, row);
      float* to = step.row(y, row);
      for (std::uint32_t i = 0; i < y.width; ++i) to[i] = from[i] / cap;
      step.kernels().activate(kernels::Activation::tanh, to, y.width);
      for (std::uint32_t i = 0; i < y.width; ++i) to[i] *= cap;
    };
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
