// An encoder of text as a network: embeddings, layers one after another, a head. What BERT and its relatives make is
// this and nothing more; an encoder that is wired otherwise is a Network of its own.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/encoder_block.hpp"
#include "eigenformer/nn/encoder_head.hpp"
#include "eigenformer/nn/linear.hpp"
#include "eigenformer/nn/network.hpp"
#include "eigenformer/nn/text_embeddings.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

struct TextEncoder {
  TextEmbeddings embeddings;
  std::optional<Linear> projection = {};  ///< [hidden, embedding], where embeddings are narrower than the layers
  std::vector<PostNormEncoderBlock<>> layers = {};
  EncoderHead head = {};

  void record(Recorder& r) const {
    Value x = embeddings(r);                  // [rows, embedding]
    if (projection) x = (*projection)(r, x);  // [rows, hidden]
    x = record_encoder(r, layers, x);         // [rows, hidden]
    record_head(r, head, x);
  }
};

/// Its kind, its head and its cache follow from the encoder; the rest of `info` is the architecture's to say.
class TextEncoderNetwork : public Network {
 public:
  TextEncoderNetwork(TextEncoder encoder, const NetworkInfo& info) : encoder_(std::move(encoder)), info_(info) {
    info_.kind = NetworkKind::encoder;
    info_.head = kind_of(encoder_.head);
  }

  const NetworkInfo& info() const override { return info_; }
  /// The layers take turns with one layer's place in the cache: the keys of each are only wanted inside it.
  CacheLayout cache_layout() const override {
    return {.layers = 1, .kv_heads = info_.heads, .head_dim = info_.hidden_size / info_.heads};
  }
  void record(Recorder& r, ProgramRole) const override { encoder_.record(r); }

 private:
  TextEncoder encoder_;
  NetworkInfo info_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
