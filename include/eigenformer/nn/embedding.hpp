// Tables of vectors: of tokens, and of positions where a model has learned them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/nn/weight_scope.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Owns `weight` [count, width]. The same panels serve as the output head of a model with tied embeddings.
class Embedding {
 public:
  Embedding() = default;
  Embedding(const WeightScope& w, quant::MatrixSize size)
      : weight_(std::make_shared<const quant::PackedMatrix>(w.embedding_table("weight", size))) {}

  /// The vector of each row's token, or the vector that the row brings: [rows, width].
  Value tokens(Recorder& recorder) const;
  /// x + the vector of each row's position: [rows, width]. The caller keeps positions below the table's size.
  Value add_positions(Recorder& recorder, Value x) const;
  /// x + the vector of each row's segment: [rows, width]. The caller keeps segments below the table's size.
  Value add_segments(Recorder& recorder, Value x) const;

  const quant::PackedMatrix& weight() const { return *weight_; }
  const std::shared_ptr<const quant::PackedMatrix>& shared_weight() const { return weight_; }

 private:
  Value add_vectors(Recorder& recorder, Value x, std::int32_t Row::*place) const;

  std::shared_ptr<const quant::PackedMatrix> weight_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/embedding-inl.hpp"
#endif
