// The linear layer: y = x W^T + b.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/nn/weight_scope.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

enum class Bias : bool { no, yes };

/// Owns `weight` [outputs, inner] and, if it has one, `bias` [outputs]. Copies share both.
class Linear {
 public:
  Linear() = default;
  Linear(quant::PackedMatrix weight, std::vector<float> bias)
      : weight_(std::make_shared<const quant::PackedMatrix>(std::move(weight))), bias_(shared(std::move(bias))) {}
  /// The head of a model with tied embeddings: `weight` is that of the table.
  Linear(const Embedding& tied, std::vector<float> bias)
      : weight_(tied.shared_weight()), bias_(shared(std::move(bias))) {}
  /// Claims `weight` and, with Bias::yes, `bias`.
  Linear(const WeightScope& w, quant::MatrixSize size, Bias bias = Bias::no)
      // Braces: the weight is claimed first, whatever the compiler, so that a file without both gives one error.
      : Linear{w.matrix("weight", size), bias == Bias::yes ? w.vector("bias", size.outputs) : std::vector<float>{}} {}

  /// [rows, inner] -> [rows, outputs]
  Value operator()(Recorder& recorder, Value x) const {
    return recorder.linear(x, {weight_.get(), bias_ ? bias_->data() : nullptr});
  }

  const quant::PackedMatrix& weight() const { return *weight_; }

 private:
  static std::shared_ptr<const std::vector<float>> shared(std::vector<float> bias) {
    return bias.empty() ? nullptr : std::make_shared<const std::vector<float>>(std::move(bias));
  }

  std::shared_ptr<const quant::PackedMatrix> weight_;
  std::shared_ptr<const std::vector<float>> bias_;  // null where there is none
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
