// T5, T5 1.1 (Flan-T5), mT5 and UMT5; and the encoder of each alone.
// Papers: https://arxiv.org/abs/1910.10683, https://arxiv.org/abs/2210.11416, https://arxiv.org/abs/2010.11934,
// https://arxiv.org/abs/2304.09151
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/t5/modeling_t5.py
// Held against transformers on tests/golden/t5.
// Differs from the first transformer in: no positions but a bias on the scores, which all layers share (UMT5's have
// their own); no scale on the scores; RMSNorm before the blocks; no biases; a head of its own, or the embedding with
// scaled states before it.
#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/arch/pair_heads.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/activation_name.hpp"
#include "eigenformer/nn/decoder_block.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/encoder_block.hpp"
#include "eigenformer/nn/encoder_head.hpp"
#include "eigenformer/nn/input_vectors.hpp"
#include "eigenformer/nn/label_count.hpp"
#include "eigenformer/nn/positions/relative_position_bias.hpp"
#include "eigenformer/nn/scale.hpp"
#include "eigenformer/nn/tied_linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::t5 {

/// The config classes, which differ in defaults and in what a tied head means.
enum class Family : std::uint8_t { t5, mt5, umt5 };

/// "relu", "gated-gelu": whether the feed-forward is gated, and by which activation. "gated-gelu" means the tanh form.
struct FeedForwardKind {
  bool is_gated_act;
  nn::Activation dense_act_fn;

  static FeedForwardKind read(const format::ConfigReader& config, std::string_view otherwise) {
    const std::string name = config.text_or("feed_forward_proj", otherwise);
    const bool gated = name.starts_with("gated-");
    const std::string act = name == "gated-gelu" ? "gelu_new" : gated ? name.substr(6) : name;
    const std::optional<nn::Activation> activation = nn::activation_named(act);
    if (!activation) {
      config.refuse("feed_forward_proj", "an activation such as relu, gated-gelu or gated-silu",
                    "use a checkpoint with one of these");
    }
    config.must_equal("is_gated_act", gated, "feed_forward_proj says so");
    config.must_equal("dense_act_fn", std::string_view(act), "feed_forward_proj says so");
    return {gated, *activation};
  }
};

/// The keys of config.json, under their own names.
struct Config {
  std::size_t vocab_size, d_model, d_kv, d_ff, num_layers, num_decoder_layers, num_heads;
  std::size_t relative_attention_num_buckets, relative_attention_max_distance;
  double layer_norm_epsilon;
  FeedForwardKind feed_forward_proj;
  bool tie_word_embeddings, scale_decoder_outputs;
  bool shares_position_bias;                           ///< all layers have the first one's
  std::optional<std::int32_t> decoder_start_token_id;  ///< where config.json has none

  static Config read(const format::ConfigReader& config, Family family) {
    const bool is_mt5 = family != Family::t5;  // UMT5 has its defaults
    const auto size_or = [&](std::string_view key, std::int64_t otherwise) {
      return static_cast<std::size_t>(config.integer_or(key, otherwise, format::k_size_range));
    };
    const auto layers_or = [&](std::string_view key, std::size_t otherwise) {
      return static_cast<std::size_t>(
          config.integer_or(key, static_cast<std::int64_t>(otherwise), format::k_layer_count_range));
    };
    Config c{};
    c.vocab_size = size_or("vocab_size", is_mt5 ? 250112 : 32128);
    c.d_model = size_or("d_model", 512);
    c.d_kv = size_or("d_kv", 64);
    c.d_ff = size_or("d_ff", is_mt5 ? 1024 : 2048);
    c.num_layers = layers_or("num_layers", is_mt5 ? 8 : 6);
    c.num_decoder_layers = layers_or("num_decoder_layers", c.num_layers);
    c.num_heads = size_or("num_heads", is_mt5 ? 6 : 8);
    c.relative_attention_num_buckets =
        static_cast<std::size_t>(config.integer_or("relative_attention_num_buckets", 32, {4, 1 << 16}));
    c.relative_attention_max_distance =
        static_cast<std::size_t>(config.integer_or("relative_attention_max_distance", 128, {1, 1 << 20}));
    if (c.relative_attention_max_distance <= c.relative_attention_num_buckets / 2) {
      config.refuse("relative_attention_max_distance", "a distance above half of relative_attention_num_buckets",
                    "check the config");
    }
    c.layer_norm_epsilon = config.number_or("layer_norm_epsilon", 1e-6, format::k_positive);
    c.feed_forward_proj = FeedForwardKind::read(config, is_mt5 ? "gated-gelu" : "relu");
    // T5 1.1 and UMT5 say by "tie_word_embeddings": false that their outputs are not scaled, which mT5's never are.
    // (transformers 5 takes it for true in UMT5, and scales what google/umt5-* were not trained to have scaled.)
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", true);
    if (family == Family::t5) c.scale_decoder_outputs = config.flag_or("scale_decoder_outputs", c.tie_word_embeddings);
    if (family == Family::umt5) c.scale_decoder_outputs = c.tie_word_embeddings;
    c.shares_position_bias = family != Family::umt5;
    if (is_mt5) c.decoder_start_token_id = 0;
    config.must_equal("is_decoder", false, "its decoder needs the encoder");
    config.ignore({"n_positions", "is_encoder_decoder"});
    return c;
  }

  nn::AttentionOptions attention(std::size_t layer, nn::Visibility visibility) const {
    return {.heads = num_heads,
            .kv_heads = num_heads,
            .head_dim = d_kv,
            .scale = 1.0F,
            .visibility = visibility,
            .layer = layer,
            .cache_layer = visibility == nn::Visibility::bidirectional ? 0 : layer};
  }
  nn::RelativePositionOptions relative_positions(nn::BucketSides sides) const {
    return {.heads = num_heads,
            .buckets = relative_attention_num_buckets,
            .max_distance = relative_attention_max_distance,
            .sides = sides};
  }
};

/// Plain, or gated from T5 1.1 on.
class DenseReluDense {
 public:
  DenseReluDense(const nn::WeightScope& w, const Config& c) {
    const auto [gated, activation] = c.feed_forward_proj;
    if (gated) {
      feed_ = nn::GatedFeedForward{.gate = {w / "wi_0", {c.d_ff, c.d_model}},
                                   .up = {w / "wi_1", {c.d_ff, c.d_model}},
                                   .down = {w / "wo", {c.d_model, c.d_ff}},
                                   .activation = activation};
    } else {
      feed_ = nn::FeedForward{
          .up = {w / "wi", {c.d_ff, c.d_model}}, .down = {w / "wo", {c.d_model, c.d_ff}}, .activation = activation};
    }
  }

  nn::Value operator()(nn::Recorder& r, nn::Value x) const {
    return std::visit([&](const auto& feed) { return feed(r, x); }, feed_);
  }

 private:
  std::variant<nn::FeedForward, nn::GatedFeedForward> feed_;
};

/// SelfAttention or EncDecAttention.
template <class Attention>
Attention make_attention(const nn::WeightScope& w, const Config& c, const nn::AttentionOptions& options) {
  const std::size_t inner = c.num_heads * c.d_kv;
  return {.q_proj = {w / "q", {inner, c.d_model}},
          .k_proj = {w / "k", {inner, c.d_model}},
          .v_proj = {w / "v", {inner, c.d_model}},
          .o_proj = {w / "o", {c.d_model, inner}},
          .options = options};
}

inline nn::RmsNorm make_norm(const nn::WeightScope& w, const Config& c) {
  return {w / "layer_norm", c.d_model, c.layer_norm_epsilon};
}

using Bias = std::shared_ptr<const nn::RelativePositionBias>;
using EncoderBlock = nn::PreNormEncoderBlock<nn::RmsNorm, DenseReluDense>;
using DecoderBlock = nn::PreNormCrossDecoderBlock<nn::RmsNorm, DenseReluDense>;

inline EncoderBlock make_encoder_block(const nn::WeightScope& w, const Config& c, std::size_t layer, Bias bias) {
  const nn::WeightScope self = w / "layer.0", feed = w / "layer.1";
  EncoderBlock block{.attention_norm = make_norm(self, c),
                     .attention = make_attention<nn::MultiHeadAttention>(
                         self / "SelfAttention", c, c.attention(layer, nn::Visibility::bidirectional)),
                     .feed_forward_norm = make_norm(feed, c),
                     .feed_forward = {feed / "DenseReluDense", c}};
  block.attention.bias = std::move(bias);
  return block;
}

inline DecoderBlock make_decoder_block(const nn::WeightScope& w, const Config& c, std::size_t layer, Bias bias) {
  const nn::WeightScope self = w / "layer.0", cross = w / "layer.1", feed = w / "layer.2";
  DecoderBlock block{.attention_norm = make_norm(self, c),
                     .attention = make_attention<nn::MultiHeadAttention>(self / "SelfAttention", c,
                                                                         c.attention(layer, nn::Visibility::causal)),
                     .cross_attention_norm = make_norm(cross, c),
                     .cross_attention = make_attention<nn::CrossAttention>(cross / "EncDecAttention", c,
                                                                           c.attention(layer, nn::Visibility::source)),
                     .feed_forward_norm = make_norm(feed, c),
                     .feed_forward = {feed / "DenseReluDense", c}};
  block.attention.bias = std::move(bias);
  return block;
}

/// encoder or decoder: blocks and the norm after the last.
template <class Block>
struct Stack {
  std::vector<Block> block;
  nn::RmsNorm final_layer_norm;

  Stack() = default;
  template <class Make>
  Stack(const nn::WeightScope& w, const Config& c, std::size_t layers, nn::BucketSides sides, Make&& make) {
    Bias bias;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const nn::WeightScope here = w / "block" / layer;
      if (layer == 0 || !c.shares_position_bias) {
        bias = std::make_shared<const nn::RelativePositionBias>(here / "layer.0.SelfAttention.relative_attention_bias",
                                                                c.relative_positions(sides));
      }
      block.push_back(make(here, c, layer, bias));
    }
    final_layer_norm = {w / "final_layer_norm", c.d_model, c.layer_norm_epsilon};
  }

  /// [rows, d_model] -> [rows, d_model], up to the last norm.
  nn::Value operator()(nn::Recorder& r, nn::Value x) const {
    for (std::size_t layer = 0; layer < block.size(); ++layer) {
      r.probe("hidden_states." + std::to_string(layer), x);
      x = block[layer](r, x);  // [rows, d_model]
    }
    const std::string last = "hidden_states." + std::to_string(block.size());
    if (r.keeps(last)) r.probe(last, final_layer_norm(r, x));
    return x;
  }
};

/// Files may lack "shared" and have the table under the encoder's or the decoder's name alone.
inline nn::WeightScope shared_scope(const nn::WeightScope& w) {
  for (const char* name : {"shared", "encoder.embed_tokens", "decoder.embed_tokens"}) {
    if ((w / name).has("weight")) return w / name;
  }
  return w / "shared";
}

/// The table of tokens, which encoder and decoder share, and the encoder.
struct Encoder {
  nn::WeightScope scope;  ///< the table's
  nn::Embedding shared, embed_tokens;
  Stack<EncoderBlock> encoder;

  Encoder(const nn::WeightScope& w, const Config& c)
      : scope(shared_scope(w)),
        shared(scope, {c.vocab_size, c.d_model}),
        embed_tokens(nn::tied_embedding(w / "encoder.embed_tokens", tie())),
        encoder(w / "encoder", c, c.num_layers, nn::BucketSides::both, make_encoder_block) {}

  nn::TiedEmbedding tie() const { return {shared, scope}; }

  /// [rows, d_model]
  nn::Value operator()(nn::Recorder& r) const {
    return encoder.final_layer_norm(r, encoder(r, embed_tokens.tokens(r)));
  }
  static nn::CacheLayout cache_layout(const Config& c) {
    return {.layers = 1, .kv_heads = c.num_heads, .head_dim = c.d_kv};
  }
};

/// What all of the family's networks say of themselves.
inline nn::NetworkInfo network_info(const Config& c, const nn::WeightTally& tally) {
  return {.vocabulary_size = c.vocab_size,
          .hidden_size = c.d_model,
          .heads = c.num_heads,
          .context_length = k_unlimited_context,
          .parameters = tally.parameters,
          .weight_bytes = tally.bytes};
}

class EncoderModel final : public nn::Network {
 public:
  EncoderModel(const Checkpoint& checkpoint, const Config& c)
      : config_(c), encoder_(checkpoint.weights, c), head(make_head(checkpoint, c)) {
    info_ = network_info(c, checkpoint.weights.tally());
    info_.kind = nn::NetworkKind::encoder;
    info_.head = nn::kind_of(head);
    info_.layers = c.num_layers;
    // Folders hold the whole model, too: transformers passes over its other half.
    for (const char* other : {"decoder.*", "lm_head.*"}) checkpoint.weights.source().pass_over(other);
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override { return Encoder::cache_layout(config_); }
  void record(nn::Recorder& r, nn::ProgramRole) const override { nn::record_head(r, head, encoder_(r)); }

 private:
  static nn::EncoderHead make_head(const Checkpoint& checkpoint, const Config& c) {
    if (!checkpoint.class_name.ends_with("ForTokenClassification")) return nn::HiddenStatesHead{};
    const std::size_t labels = nn::read_label_count(checkpoint.config);
    return nn::TokenHead{{checkpoint.weights / "classifier", {labels, c.d_model}, nn::Bias::yes}};
  }

  Config config_;
  Encoder encoder_;
  nn::EncoderHead head;
  nn::NetworkInfo info_;
};

/// Scores of the next token, by a matrix of its own or the table over scaled states.
struct LanguageHead {
  nn::Linear lm_head;  ///< [vocab_size, d_model]
  float scale = 1.0F;

  ModelHead kind() const { return ModelHead::language_model; }
  void record(nn::Recorder& r, nn::Value x) const {
    if (scale != 1.0F) x = nn::scale(r, x, scale);
    r.output("logits", lm_head(r, x));  // [outputs, vocab_size]
  }
};

using Head = std::variant<LanguageHead, nn::HiddenStatesHead, nn::SequenceHead, nn::SpanHead>;

/// Configs of T5 1.1 say that the head is not tied; in files of other configs it may be another matrix all the same.
inline LanguageHead make_language_head(const nn::WeightScope& w, const Config& c, const nn::TiedEmbedding& table) {
  const auto size = static_cast<double>(c.d_model);
  return {.lm_head = c.tie_word_embeddings ? nn::tied_linear(w / "lm_head", table, {})
                                           : nn::Linear(w / "lm_head", {c.vocab_size, c.d_model}),
          .scale = c.scale_decoder_outputs ? static_cast<float>(1.0 / std::sqrt(size)) : 1.0F};
}

/// What stands on the decoder.
inline Head make_head(const Checkpoint& checkpoint, const Config& c, const nn::TiedEmbedding& table) {
  const std::string_view name = checkpoint.class_name;
  if (name.ends_with("ForSequenceClassification")) return pair_heads::classification_head(checkpoint, c.d_model, 2);
  if (name.ends_with("ForQuestionAnswering")) return nn::SpanHead(checkpoint.weights / "qa_outputs", c.d_model);
  if (name.ends_with("LMHeadModel") || name.ends_with("ForConditionalGeneration")) {
    return make_language_head(checkpoint.weights, c, table);
  }
  return nn::HiddenStatesHead{};
}

class EncoderDecoder final : public nn::Network {
 public:
  EncoderDecoder(const Checkpoint& checkpoint, const Config& c)
      : config_(c),
        encoder_(checkpoint.weights, c),
        embed_tokens(nn::tied_embedding(checkpoint.weights / "decoder.embed_tokens", encoder_.tie())),
        decoder(checkpoint.weights / "decoder", c, c.num_decoder_layers, nn::BucketSides::before, make_decoder_block),
        head(make_head(checkpoint, c, encoder_.tie())),
        info_(network_info(c, checkpoint.weights.tally())) {
    info_.kind = nn::NetworkKind::encoder_decoder;
    info_.head = std::visit([](const auto& one) { return one.kind(); }, head);
    info_.layers = c.num_decoder_layers;
    info_.encoder_layers = c.num_layers;
    info_.encoder_heads = c.num_heads;
    info_.decoder_start_token = c.decoder_start_token_id;
    if (std::holds_alternative<nn::SequenceHead>(head)) {
      info_.end_token = pair_heads::end_token(checkpoint.config, 1);
    }
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override {
    return {.layers = config_.num_decoder_layers, .kv_heads = config_.num_heads, .head_dim = config_.d_kv};
  }
  nn::CacheLayout encoder_cache_layout() const override { return Encoder::cache_layout(config_); }
  nn::CacheLayout source_cache_layout() const override { return cache_layout(); }

  void record(nn::Recorder& r, nn::ProgramRole role) const override {
    switch (role) {
      case nn::ProgramRole::encoder: return r.output("last_hidden_state", encoder_(r));  // [rows, d_model]
      case nn::ProgramRole::source_keys: return record_source_keys(r);
      case nn::ProgramRole::main: return record_decoder(r);
    }
  }

 private:
  void record_source_keys(nn::Recorder& r) const {
    const nn::Value encoded = nn::input_vectors(r, config_.d_model);  // [rows, d_model]
    for (const DecoderBlock& block : decoder.block) block.cross_attention.store_source(r, encoded);
  }

  void record_decoder(nn::Recorder& r) const {
    nn::Value x = decoder(r, embed_tokens.tokens(r));    // [rows, d_model]
    x = decoder.final_layer_norm(r, r.outputs_only(x));  // [outputs, d_model]
    std::visit([&](const auto& one) { one.record(r, x); }, head);
  }

  Config config_;
  Encoder encoder_;
  nn::Embedding embed_tokens;  ///< the decoder's
  Stack<DecoderBlock> decoder;
  Head head;
  nn::NetworkInfo info_;
};

template <Family family>
std::unique_ptr<const nn::Network> make(const Checkpoint& checkpoint) {
  const Config config = Config::read(checkpoint.config, family);
  const std::string_view name = checkpoint.class_name;
  if (name.ends_with("EncoderModel") || name.ends_with("ForTokenClassification")) {
    return std::make_unique<const EncoderModel>(checkpoint, config);
  }
  return std::make_unique<const EncoderDecoder>(checkpoint, config);
}

/// A bias that the first cross-attention of old checkpoints carries along and never uses.
inline std::vector<std::string_view> ignorable_tensors() {
  return {"decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"};
}

inline Architecture architecture() {
  return {.name = "t5",
          .hugging_face_classes = {"T5ForConditionalGeneration", "T5WithLMHeadModel", "T5Model", "T5EncoderModel",
                                   "T5ForSequenceClassification", "T5ForTokenClassification", "T5ForQuestionAnswering"},
          .gguf_name = "",
          .hugging_face_names = format::TensorNaming{.to_file = {}, .optional_prefixes = {"transformer."}},
          .gguf_names = {},
          .gguf_keys = {},
          .ignorable_tensors = ignorable_tensors(),
          .make = make<Family::t5>,
          .is_told_task_by_prefix = true};
}

inline Architecture mt5_architecture() {
  Architecture mt5 = architecture();
  mt5.name = "mt5";
  mt5.hugging_face_classes = {"MT5ForConditionalGeneration", "MT5Model", "MT5EncoderModel",
                              "MT5ForSequenceClassification", "MT5ForTokenClassification"};
  mt5.make = make<Family::mt5>;
  return mt5;
}

inline Architecture umt5_architecture() {
  Architecture umt5 = architecture();
  umt5.name = "umt5";
  umt5.hugging_face_classes = {"UMT5ForConditionalGeneration", "UMT5EncoderModel"};
  umt5.make = make<Family::umt5>;
  return umt5;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::t5
