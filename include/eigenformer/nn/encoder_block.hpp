// Encoder blocks: self-attention and feed-forward, each with its residual. Where the norms stand is the wiring, so
// there are two blocks. Norm is LayerNorm or RmsNorm, Feed is FeedForward or GatedFeedForward; the attention's options
// carry Visibility::bidirectional.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"
#include "eigenformer/nn/norm.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// The norms follow the sums, as in the first transformer and BERT. https://arxiv.org/abs/1706.03762, section 3.1
template <class Norm = LayerNorm, class Feed = FeedForward>
struct PostNormEncoderBlock {
  MultiHeadAttention attention;
  Norm attention_norm;
  Feed feed_forward;
  Norm feed_forward_norm;

  /// [rows, hidden] -> [rows, hidden]
  Value operator()(Recorder& r, Value x, const std::optional<Value>& rotary = std::nullopt) const {
    x = attention_norm(r, r.add(x, attention(r, x, rotary)));   // [rows, hidden]
    return feed_forward_norm(r, r.add(x, feed_forward(r, x)));  // [rows, hidden]
  }
};

/// The norms precede attention and feed-forward; a norm follows the last block. https://arxiv.org/abs/2002.04745
template <class Norm = LayerNorm, class Feed = FeedForward>
struct PreNormEncoderBlock {
  Norm attention_norm;
  MultiHeadAttention attention;
  Norm feed_forward_norm;
  Feed feed_forward;

  /// [rows, hidden] -> [rows, hidden]
  Value operator()(Recorder& r, Value x, const std::optional<Value>& rotary = std::nullopt) const {
    x = r.add(x, attention(r, attention_norm(r, x), rotary));   // [rows, hidden]
    return r.add(x, feed_forward(r, feed_forward_norm(r, x)));  // [rows, hidden]
  }
};

/// The layers of an encoder, one after another, with the hidden states before and after each as probes:
/// [rows, hidden] -> [rows, hidden].
template <class Layer>
Value record_encoder(Recorder& r, const std::vector<Layer>& layers, Value x) {
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    r.probe("hidden_states." + std::to_string(layer), x);
    x = layers[layer](r, x);  // [rows, hidden]
  }
  r.probe("hidden_states." + std::to_string(layers.size()), x);
  return x;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
