// Rows that bring vectors of their own instead of tokens: what an encoder hands to a decoder, frames of sound.
#pragma once

#include <algorithm>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Row::vector of each row, which every row must have: [rows, width].
inline Value input_vectors(Recorder& recorder, std::size_t width) {
  return recorder.rows(RowSet::all, {}, static_cast<std::uint32_t>(width), [](Value output) -> RowBody {
    return [output](const Step& step, std::size_t index) {
      const float* vector = step.batch().rows[index].vector;
      std::copy(vector, vector + output.width, step.row(output, index));
    };
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
