// Sinusoidal positions as a block: nothing to load. https://arxiv.org/abs/1706.03762, section 3.5
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/ops/sinusoidal.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// x + PE(position of the row): [rows, hidden] -> [rows, hidden].
inline Value add_sinusoidal_positions(Recorder& recorder, Value x) {
  return recorder.rows(x.rows, {x}, x.width, [x](Value sum) -> RowBody {
    return [x, sum](const Step& step, std::size_t index) {
      const Row& row = step.batch().rows[step.batch_row(x.rows, index)];
      float* out = step.row(sum, index);
      ops::sinusoidal_position(row.position, {out, sum.width});
      step.kernels().add(step.row(x, index), out, out, sum.width);
    };
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
