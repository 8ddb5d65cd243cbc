// Normalization layers.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/nn/weight_scope.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// x / root mean square(x) * weight. https://arxiv.org/abs/1910.07467
class RmsNorm {
 public:
  RmsNorm() = default;
  RmsNorm(std::vector<float> weight, float epsilon) : weight_(std::move(weight)), epsilon_(epsilon) {}
  /// Claims `weight` [size].
  RmsNorm(const WeightScope& w, std::size_t size, double epsilon)
      : weight_(w.vector("weight", size)), epsilon_(static_cast<float>(epsilon)) {}

  /// [rows, size] -> [rows, size]; of a value of several heads, [rows, heads * size], each head by itself.
  Value operator()(Recorder& recorder, Value x) const {
    return recorder.rows(x.rows, {x}, x.width, [this, x](Value y) -> RowBody {
      return [this, x, y](const Step& step, std::size_t row) {
        const float* from = step.row(x, row);
        float* to = step.row(y, row);
        for (std::size_t first = 0; first + weight_.size() <= x.width; first += weight_.size()) {
          step.kernels().rms_norm({from + first, weight_.data(), to + first, weight_.size(), epsilon_});
        }
      };
    });
  }

 private:
  std::vector<float> weight_;
  float epsilon_ = 0;
};

/// What a LayerNorm learned, both [size].
struct LayerNormWeights {
  std::vector<float> weight, bias;
};

/// (x - mean) / standard deviation * weight + bias. https://arxiv.org/abs/1607.06450
class LayerNorm {
 public:
  LayerNorm() = default;
  LayerNorm(LayerNormWeights weights, float epsilon)
      : weight_(std::move(weights.weight)), bias_(std::move(weights.bias)), epsilon_(epsilon) {}
  /// Claims `weight` and `bias`, both [size].
  LayerNorm(const WeightScope& w, std::size_t size, double epsilon)
      : weight_(w.vector("weight", size)), bias_(w.vector("bias", size)), epsilon_(static_cast<float>(epsilon)) {}

  /// [rows, size] -> [rows, size]
  Value operator()(Recorder& recorder, Value x) const {
    return recorder.rows(x.rows, {x}, x.width, [this, x](Value y) -> RowBody {
      return [this, x, y](const Step& step, std::size_t row) {
        step.kernels().layer_norm(
            {step.row(x, row), weight_.data(), bias_.data(), step.row(y, row), weight_.size(), epsilon_});
      };
    });
  }

 private:
  std::vector<float> weight_, bias_;
  float epsilon_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
