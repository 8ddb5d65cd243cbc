#pragma once

#include <algorithm>

#include "eigenformer/nn/embedding.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

EIGENFORMER_INLINE Value Embedding::tokens(Recorder& recorder) const {
  const auto width = static_cast<std::uint32_t>(weight_->inner());
  return recorder.rows(RowSet::all, {}, width, [this](Value output) -> RowBody {
    return [this, output](const Step& step, std::size_t index) {
      const Row& row = step.batch().rows[index];
      float* out = step.row(output, index);
      if (row.vector != nullptr) {
        std::copy(row.vector, row.vector + output.width, out);
      } else {
        quant::decode_row(*weight_, static_cast<std::size_t>(row.token), {out, output.width});
      }
    };
  });
}

EIGENFORMER_INLINE Value Embedding::add_positions(Recorder& recorder, Value x) const {
  return add_vectors(recorder, x, &Row::position);
}

EIGENFORMER_INLINE Value Embedding::add_segments(Recorder& recorder, Value x) const {
  return add_vectors(recorder, x, &Row::segment);
}

EIGENFORMER_INLINE Value Embedding::add_vectors(Recorder& recorder, Value x, std::int32_t Row::*place) const {
  return recorder.rows(x.rows, {x}, x.width, [this, x, place](Value sum) -> RowBody {
    return [this, x, place, sum](const Step& step, std::size_t index) {
      const Row& row = step.batch().rows[step.batch_row(x.rows, index)];
      float* out = step.row(sum, index);
      quant::decode_row(*weight_, static_cast<std::size_t>(row.*place), {out, sum.width});
      step.kernels().add(step.row(x, index), out, out, sum.width);
    };
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
