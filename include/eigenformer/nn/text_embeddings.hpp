// What goes into an encoder of text: a vector for each token's word, for its segment and for its position, summed and
// normed. https://arxiv.org/abs/1810.04805, section 3 (input representation)
#pragma once

#include <optional>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/norm.hpp"
#include "eigenformer/nn/positions/sinusoidal.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

struct TextEmbeddings {
  Embedding words;                     ///< [vocabulary, embedding]
  std::optional<Embedding> segments;   ///< [token types, embedding]; none: tokens have no types
  std::optional<Embedding> positions;  ///< [context, embedding]; none: sinusoids
  LayerNorm norm;

  /// [rows, embedding]
  Value operator()(Recorder& r) const {
    Value x = words.tokens(r);                                                        // [rows, embedding]
    if (segments) x = segments->add_segments(r, x);                                   // [rows, embedding]
    x = positions ? positions->add_positions(r, x) : add_sinusoidal_positions(r, x);  // [rows, embedding]
    return norm(r, x);                                                                // [rows, embedding]
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
