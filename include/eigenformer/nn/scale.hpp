// A value times a constant: embeddings, and states before a tied head.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// x * factor, one product an element: [rows, width] -> [rows, width].
inline Value scale(Recorder& recorder, Value x, float factor) {
  return recorder.rows(x.rows, {x}, x.width, [x, factor](Value y) -> RowBody {
    return [x, y, factor](const Step& step, std::size_t row) {
      const float* from = step.row(x, row);
      float* to = step.row(y, row);
      for (std::uint32_t i = 0; i < y.width; ++i) to[i] = from[i] * factor;
    };
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
