// Heads and tables whose matrix is that of an embedding.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// An embedding and the scope that it was claimed from.
struct TiedEmbedding {
  const Embedding& table;
  WeightScope scope;
};

/// The head of a config that ties it to the embedding. Files may hold its matrix all the same; where that is another
/// one, it counts, as in transformers (`tie_weights`).
/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/modeling_utils.py
inline Linear tied_linear(const WeightScope& w, const TiedEmbedding& embedding, std::vector<float> bias) {
  const quant::MatrixSize size{embedding.table.weight().outputs(), embedding.table.weight().inner()};
  if (w.differs("weight", embedding.scope, size)) return {w.matrix("weight", size), std::move(bias)};
  return {embedding.table, std::move(bias)};
}

enum class Tied : bool { no, yes };

/// The layer that scores every token of the vocabulary: claims `bias` [vocabulary] and, unless it is tied, `weight`
/// [vocabulary, embedding].
inline Linear vocabulary_decoder(const WeightScope& w, const TiedEmbedding& embedding, Tied tied) {
  const quant::MatrixSize size{embedding.table.weight().outputs(), embedding.table.weight().inner()};
  if (tied == Tied::no) return {w, size, Bias::yes};
  return tied_linear(w, embedding, w.vector("bias", size.outputs));
}

/// A table that the config ties to another one, of which files may hold a copy. By the same rule: another one counts.
inline Embedding tied_embedding(const WeightScope& w, const TiedEmbedding& embedding) {
  const quant::MatrixSize size{embedding.table.weight().outputs(), embedding.table.weight().inner()};
  return w.differs("weight", embedding.scope, size) ? Embedding(w, size) : embedding.table;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
