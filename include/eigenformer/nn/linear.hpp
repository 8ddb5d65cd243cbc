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

/// Owns `weight` [outputs, inner] and, if it has one, `bias` [outputs]. Copies share the weight.
class Linear {
 public:
  Linear() = default;
  Linear(quant::PackedMatrix weight, std::vector<float> bias)
      : weight_(std::make_shared<const quant::PackedMatrix>(std::move(weight))), bias_(std::move(bias)) {}
  /// The head of a model with tied embeddings: `weight` is that of the table.
  Linear(const Embedding& tied, std::vector<float> bias) : weight_(tied.shared_weight()), bias_(std::move(bias)) {}
  /// Claims `weight` and, with Bias::yes, `bias`.
  Linear(const WeightScope& w, quant::MatrixSize size, Bias bias = Bias::no)
      : Linear(w.matrix("weight", size), bias == Bias::yes ? w.vector("bias", size.outputs) : std::vector<float>{}) {}

  /// [rows, inner] -> [rows, outputs]
  Value operator()(Recorder& recorder, Value x) const {
    return recorder.linear(x, {weight_.get(), bias_.empty() ? nullptr : bias_.data()});
  }

  const quant::PackedMatrix& weight() const { return *weight_; }

 private:
  std::shared_ptr<const quant::PackedMatrix> weight_;
  std::vector<float> bias_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
