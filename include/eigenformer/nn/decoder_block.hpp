// Decoder blocks: causal self-attention over the cache and feed-forward, each with its residual; with an encoder,
// cross-attention between them. Where the norms stand and whether there is an encoder is the wiring, so each is a block
// of its own. Norm is LayerNorm or RmsNorm, Feed is FeedForward or GatedFeedForward.
#pragma once

#include <optional>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/cross_attention.hpp"
#include "eigenformer/nn/encoder_block.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"
#include "eigenformer/nn/norm.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// A decoder without an encoder, norms first, as in GPT-2 and Llama: the wiring is that of an encoder, the attention's
/// options carry Visibility::causal.
/// https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf, section 2.3
template <class Norm = RmsNorm, class Feed = GatedFeedForward>
using PreNormDecoderBlock = PreNormEncoderBlock<Norm, Feed>;

/// The decoder of an encoder-decoder, norms after the sums, as in the first transformer.
/// https://arxiv.org/abs/1706.03762, section 3.1
template <class Norm = LayerNorm, class Feed = FeedForward>
struct PostNormCrossDecoderBlock {
  MultiHeadAttention attention;
  Norm attention_norm;
  CrossAttention cross_attention;
  Norm cross_attention_norm;
  Feed feed_forward;
  Norm feed_forward_norm;

  /// [rows, hidden] -> [rows, hidden]
  Value operator()(Recorder& r, Value x, const std::optional<Value>& rotary = std::nullopt) const {
    x = attention_norm(r, r.add(x, attention(r, x, rotary)));      // [rows, hidden]
    x = cross_attention_norm(r, r.add(x, cross_attention(r, x)));  // [rows, hidden]
    return feed_forward_norm(r, r.add(x, feed_forward(r, x)));     // [rows, hidden]
  }
};

/// The same with the norms first. https://arxiv.org/abs/2002.04745
template <class Norm = LayerNorm, class Feed = FeedForward>
struct PreNormCrossDecoderBlock {
  Norm attention_norm;
  MultiHeadAttention attention;
  Norm cross_attention_norm;
  CrossAttention cross_attention;
  Norm feed_forward_norm;
  Feed feed_forward;

  /// [rows, hidden] -> [rows, hidden]
  Value operator()(Recorder& r, Value x, const std::optional<Value>& rotary = std::nullopt) const {
    x = r.add(x, attention(r, attention_norm(r, x), rotary));      // [rows, hidden]
    x = r.add(x, cross_attention(r, cross_attention_norm(r, x)));  // [rows, hidden]
    return r.add(x, feed_forward(r, feed_forward_norm(r, x)));     // [rows, hidden]
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
