// Sinusoidal positions whose sines stand together in the first half and whose cosines follow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/math.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Adds sin(position * frequency[i]) at place i and cos of the same at place sines + i; an odd place that is left stays
/// as it is. A row at `silent_position` gets nothing (a padding token).
class HalfSinusoidal {
 public:
  HalfSinusoidal() = default;

  /// Frequencies 10000^(-2 i / width): https://arxiv.org/abs/1706.03762, section 3.5. Of an odd width, one sine more.
  static HalfSinusoidal of_the_paper(std::size_t width) {
    HalfSinusoidal positions;
    for (std::size_t i = 0; 2 * i < width; ++i) {
      const double exponent = static_cast<double>(2 * i) / static_cast<double>(width);
      positions.frequencies_.push_back(1.0 / power(10000.0, exponent));
    }
    return positions;
  }

  /// Frequencies 10000^(-i / (width / 2 - 1)), rounded to f32:
  /// https://github.com/tensorflow/tensor2tensor/blob/v1.15.7/tensor2tensor/layers/common_attention.py
  static HalfSinusoidal of_tensor2tensor(std::size_t width, std::int32_t silent_position) {
    HalfSinusoidal positions;
    const std::size_t half = width / 2;
    for (std::size_t i = 0; i < half; ++i) {
      const double exponent = static_cast<double>(i) / static_cast<double>(half - 1);
      positions.frequencies_.push_back(static_cast<double>(static_cast<float>(1.0 / power(10000.0, exponent))));
    }
    positions.silent_position_ = silent_position;
    return positions;
  }

  /// [rows, width] -> [rows, width]
  Value add(Recorder& recorder, Value x) const {
    return recorder.rows(x.rows, {x}, x.width, [this, x](Value sum) -> RowBody {
      return [this, x, sum](const Step& step, std::size_t index) {
        const std::int32_t position = step.batch().rows[step.batch_row(x.rows, index)].position;
        const float* from = step.row(x, index);
        float* to = step.row(sum, index);
        const std::size_t sines = frequencies_.size();
        for (std::size_t i = 0; i < x.width; ++i) {
          const std::size_t pair = i < sines ? i : i - sines;
          const bool adds = position != silent_position_ && pair < sines;
          const double angle = adds ? static_cast<double>(position) * frequencies_[pair] : 0.0;
          to[i] = adds ? from[i] + static_cast<float>(i < sines ? sine(angle) : cosine(angle)) : from[i];
        }
      };
    });
  }

  /// The same of each distance between a row and a slot, none farther than `clamp` to either side (0: all as they are):
  /// [distances, 2 sines]. https://arxiv.org/abs/1901.02860, section 3.3
  Value of_distances(Recorder& recorder, std::int32_t clamp) const {
    const auto width = static_cast<std::uint32_t>(2 * frequencies_.size());
    return recorder.rows(RowSet::distances, {}, width, [this, clamp](Value sinusoids) -> RowBody {
      return [this, clamp, sinusoids](const Step& step, std::size_t index) {
        std::int32_t distance = step.distance(index);
        if (clamp > 0) distance = std::clamp(distance, -clamp, clamp);
        float* to = step.row(sinusoids, index);
        const std::size_t sines = frequencies_.size();
        for (std::size_t i = 0; i < sines; ++i) {
          const double angle = static_cast<double>(distance) * frequencies_[i];
          to[i] = static_cast<float>(sine(angle));
          to[sines + i] = static_cast<float>(cosine(angle));
        }
      };
    });
  }

 private:
  std::vector<double> frequencies_;
  std::optional<std::int32_t> silent_position_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
