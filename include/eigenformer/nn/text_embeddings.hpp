// What goes into an encoder of text: a vector for each token's word, for its segment and for its position, summed and
// normed. https://arxiv.org/abs/1810.04805, section 3 (input representation)
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/norm.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

struct TextEmbeddings {
  Embedding words;      ///< [vocabulary, embedding]
  Embedding segments;   ///< [token types, embedding]
  Embedding positions;  ///< [context, embedding]
  LayerNorm norm;

  /// [rows, embedding]
  Value operator()(Recorder& r) const {
    Value x = segments.add_segments(r, words.tokens(r));  // [rows, embedding]
    x = positions.add_positions(r, x);                    // [rows, embedding]
    return norm(r, x);                                    // [rows, embedding]
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
