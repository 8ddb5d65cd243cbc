// What BART and the encoder-decoders that descend from it share: keys, layers, networks. They differ in where positions
// come from, where the norms stand and in what their configs leave out, which their own files say.
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/bart/modeling_bart.py
#pragma once

#include <algorithm>
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
#include "eigenformer/nn/positions/half_sinusoidal.hpp"
#include "eigenformer/nn/scale.hpp"
#include "eigenformer/nn/tied_linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::bart_like {

enum class Positions : std::uint8_t { learned, sinusoidal, sinusoidal_after_padding };

/// What the members of the family do not share, and the defaults of their config classes.
struct Traits {
  Positions positions = Positions::learned;
  bool norms_embedding = false;   ///< layernorm_embedding
  bool wraps_last_token = false;  ///< NetworkInfo::wraps_before_padding
  std::int64_t vocab_size = 50265;
  std::string_view activation_function = "gelu";
  bool scale_embedding = false;
  std::int64_t pad_token_id = 1;
  std::optional<std::int64_t> decoder_start_token_id = {};
  bool has_logits_bias = true;  ///< final_logits_bias
  std::size_t num_labels = 2;
};

/// Learned tables begin two rows later: https://github.com/facebookresearch/fairseq, for the padding token.
inline constexpr std::size_t k_learned_offset = 2;

/// One side: the encoder's or the decoder's keys.
struct Side {
  std::size_t layers, ffn_dim, attention_heads;
};

/// The keys of config.json, under their own names.
struct Config {
  std::size_t vocab_size, decoder_vocab_size, max_position_embeddings, d_model;
  Side encoder, decoder;
  nn::Activation activation_function;
  bool scale_embedding, tie_word_embeddings, share_encoder_decoder_embeddings;
  std::int32_t pad_token_id;
  std::optional<std::int32_t> decoder_start_token_id;

  static Side read_side(const format::ConfigReader& config, const std::string& name, std::size_t d_model) {
    const auto size_or = [&](const std::string& key, std::int64_t otherwise) {
      return static_cast<std::size_t>(config.integer_or(name + key, otherwise, format::k_size_range));
    };
    Side side{};
    side.layers = static_cast<std::size_t>(config.integer_or(name + "_layers", 12, format::k_layer_count_range));
    side.ffn_dim = size_or("_ffn_dim", 4096);
    side.attention_heads = size_or("_attention_heads", 16);
    if (d_model % side.attention_heads != 0) {
      config.refuse(name + "_attention_heads", "a divisor of d_model", "check the config");
    }
    return side;
  }

  static Config read(const format::ConfigReader& config, const Traits& traits) {
    const auto size_or = [&](std::string_view key, std::int64_t otherwise) {
      return static_cast<std::size_t>(config.integer_or(key, otherwise, format::k_size_range));
    };
    Config c{};
    c.vocab_size = size_or("vocab_size", traits.vocab_size);
    c.max_position_embeddings = size_or("max_position_embeddings", 1024);
    c.d_model = size_or("d_model", 1024);
    c.encoder = read_side(config, "encoder", c.d_model);
    c.decoder = read_side(config, "decoder", c.d_model);
    c.activation_function = nn::read_activation(config, "activation_function", traits.activation_function);
    c.scale_embedding = config.flag_or("scale_embedding", traits.scale_embedding);
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", true);
    c.share_encoder_decoder_embeddings = config.flag_or("share_encoder_decoder_embeddings", true);
    c.decoder_vocab_size = size_or("decoder_vocab_size", static_cast<std::int64_t>(c.vocab_size));
    if (c.share_encoder_decoder_embeddings && c.decoder_vocab_size != c.vocab_size) {
      config.refuse("decoder_vocab_size", "vocab_size, for encoder and decoder share their table", "check the config");
    }
    c.pad_token_id = static_cast<std::int32_t>(config.integer_or("pad_token_id", traits.pad_token_id, {0, 1 << 30}));
    const std::optional<std::int64_t> start = config.has("decoder_start_token_id")
                                                  ? config.optional_integer("decoder_start_token_id", {0, 1 << 30})
                                                  : traits.decoder_start_token_id;
    if (start && *start < static_cast<std::int64_t>(c.decoder_vocab_size)) {
      c.decoder_start_token_id = static_cast<std::int32_t>(*start);
    }
    config.must_equal("num_hidden_layers", static_cast<std::int64_t>(c.encoder.layers), "encoder_layers says so");
    config.must_equal("static_position_embeddings", traits.positions != Positions::learned,
                      "this architecture knows one kind of positions");
    config.must_equal("normalize_embedding", traits.norms_embedding, "this architecture does it one way");
    config.must_equal("add_bias_logits", false, "no model with it is known");
    config.must_equal("is_decoder", false, "its decoder needs the encoder");
    config.ignore({"is_encoder_decoder", "extra_pos_embeddings", "force_bos_token_to_be_generated", "save_step"});
    return c;
  }

  nn::AttentionOptions attention(const Side& side, std::size_t layer, nn::Visibility visibility) const {
    const std::size_t head_dim = d_model / side.attention_heads;
    return {.heads = side.attention_heads,
            .kv_heads = side.attention_heads,
            .head_dim = head_dim,
            .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_dim))),
            .visibility = visibility,
            .layer = layer,
            .cache_layer = visibility == nn::Visibility::bidirectional ? 0 : layer};
  }
};

inline nn::LayerNorm make_norm(const nn::WeightScope& w, const Config& c) { return {w, c.d_model, 1e-5}; }

/// self_attn or encoder_attn.
template <class Attention>
Attention make_attention(const nn::WeightScope& w, const Config& c, const nn::AttentionOptions& options) {
  const quant::MatrixSize size{c.d_model, c.d_model};
  return {.q_proj = {w / "q_proj", size, nn::Bias::yes},
          .k_proj = {w / "k_proj", size, nn::Bias::yes},
          .v_proj = {w / "v_proj", size, nn::Bias::yes},
          .o_proj = {w / "out_proj", size, nn::Bias::yes},
          .options = options};
}

inline nn::FeedForward make_feed_forward(const nn::WeightScope& w, const Config& c, const Side& side) {
  return {.up = {w / "fc1", {side.ffn_dim, c.d_model}, nn::Bias::yes},
          .down = {w / "fc2", {c.d_model, side.ffn_dim}, nn::Bias::yes},
          .activation = c.activation_function};
}

template <class Block>
Block make_encoder_block(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  Block block;
  block.attention = make_attention<nn::MultiHeadAttention>(
      w / "self_attn", c, c.attention(c.encoder, layer, nn::Visibility::bidirectional));
  block.attention_norm = make_norm(w / "self_attn_layer_norm", c);
  block.feed_forward = make_feed_forward(w, c, c.encoder);
  block.feed_forward_norm = make_norm(w / "final_layer_norm", c);
  return block;
}

template <class Block>
Block make_decoder_block(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  Block block;
  block.attention =
      make_attention<nn::MultiHeadAttention>(w / "self_attn", c, c.attention(c.decoder, layer, nn::Visibility::causal));
  block.attention_norm = make_norm(w / "self_attn_layer_norm", c);
  block.cross_attention =
      make_attention<nn::CrossAttention>(w / "encoder_attn", c, c.attention(c.decoder, layer, nn::Visibility::source));
  block.cross_attention_norm = make_norm(w / "encoder_attn_layer_norm", c);
  block.feed_forward = make_feed_forward(w, c, c.decoder);
  block.feed_forward_norm = make_norm(w / "final_layer_norm", c);
  return block;
}

/// Norms after the sums (BART, Marian) or before them, with one more at the end.
struct PostNorm {
  using Encoder = nn::PostNormEncoderBlock<>;
  using Decoder = nn::PostNormCrossDecoderBlock<>;
  static constexpr bool k_last_norm = false;
};
struct PreNorm {
  using Encoder = nn::PreNormEncoderBlock<>;
  using Decoder = nn::PreNormCrossDecoderBlock<>;
  static constexpr bool k_last_norm = true;
};

using EmbedPositions = std::variant<nn::Embedding, nn::HalfSinusoidal>;

/// w: "model.encoder". Files may hold the table of positions that are computed; where they do, it counts, as in
/// transformers.
inline EmbedPositions make_positions(const nn::WeightScope& w, const Config& c, Positions positions) {
  const nn::WeightScope stored = w / "embed_positions";
  const std::size_t count = c.max_position_embeddings;
  switch (positions) {
    case Positions::learned: return nn::Embedding(stored, {count + k_learned_offset, c.d_model});
    case Positions::sinusoidal_after_padding: return nn::HalfSinusoidal::of_tensor2tensor(c.d_model, c.pad_token_id);
    case Positions::sinusoidal: break;
  }
  if (stored.has("weight")) return nn::Embedding(stored, {count, c.d_model});
  return nn::HalfSinusoidal::of_the_paper(c.d_model);
}

/// Embedding, positions, blocks, last norm of one side.
template <class Block>
struct Stack {
  nn::Embedding embed_tokens;
  EmbedPositions embed_positions;
  std::optional<nn::LayerNorm> layernorm_embedding, layer_norm;
  std::vector<Block> layers;
  float embed_scale = 1.0F;

  Stack(const nn::WeightScope& w, const Config& c, const Traits& traits)
      : embed_positions(make_positions(w, c, traits.positions)),
        embed_scale(c.scale_embedding ? static_cast<float>(std::sqrt(static_cast<double>(c.d_model))) : 1.0F) {
    if (traits.norms_embedding) layernorm_embedding = make_norm(w / "layernorm_embedding", c);
  }

  nn::Value last_norm(nn::Recorder& r, nn::Value x) const { return layer_norm ? (*layer_norm)(r, x) : x; }

  /// [rows, d_model], up to the last norm.
  nn::Value operator()(nn::Recorder& r) const {
    nn::Value x = embed_tokens.tokens(r);  // [rows, d_model]
    if (embed_scale != 1.0F) x = nn::scale(r, x, embed_scale);
    const auto* table = std::get_if<nn::Embedding>(&embed_positions);
    x = table != nullptr ? table->add_positions(r, x) : std::get<nn::HalfSinusoidal>(embed_positions).add(r, x);
    if (layernorm_embedding) x = (*layernorm_embedding)(r, x);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      r.probe("hidden_states." + std::to_string(layer), x);
      x = layers[layer](r, x);  // [rows, d_model]
    }
    const std::string last = "hidden_states." + std::to_string(layers.size());
    if (r.keeps(last)) r.probe(last, last_norm(r, x));
    return x;
  }
};

/// Scores of the next token. Its matrix may be the decoder's table.
struct LanguageHead {
  nn::Linear lm_head;  ///< [decoder_vocab_size, d_model]; its bias is final_logits_bias

  ModelHead kind() const { return ModelHead::language_model; }
  void record(nn::Recorder& r, nn::Value x) const { r.output("logits", lm_head(r, r.outputs_only(x))); }
};

using Head = std::variant<LanguageHead, nn::HiddenStatesHead, nn::SequenceHead, nn::SpanHead>;

/// w: the whole file. A stored lm_head counts where it is not the table, as in transformers.
inline LanguageHead make_language_head(const nn::WeightScope& w, const Config& c, const nn::TiedEmbedding& table,
                                       std::vector<float> bias) {
  const quant::MatrixSize size{c.decoder_vocab_size, c.d_model};
  if (c.tie_word_embeddings) return {nn::tied_linear(w / "lm_head", table, std::move(bias))};
  return {nn::Linear((w / "lm_head").matrix("weight", size), std::move(bias))};
}

/// What stands on the decoder.
inline Head make_head(const Checkpoint& checkpoint, const Config& c, const Traits& traits,
                      const nn::TiedEmbedding& table) {
  const nn::WeightScope& w = checkpoint.weights;
  const std::string_view name = checkpoint.class_name;
  if (name.ends_with("ForSequenceClassification")) {
    return pair_heads::classification_head(checkpoint, c.d_model, traits.num_labels);
  }
  if (name.ends_with("ForQuestionAnswering")) return nn::SpanHead(w / "qa_outputs", c.d_model);
  if (name.ends_with("Model") && !name.ends_with("MTModel")) return nn::HiddenStatesHead{};
  const bool has_bias = traits.has_logits_bias && w.has("final_logits_bias");
  return make_language_head(w, c, table,
                            has_bias ? w.table("final_logits_bias", {1, c.decoder_vocab_size}) : std::vector<float>());
}

/// The tables of tokens: one, of which files hold copies under other names, or one for each side.
struct Tables {
  nn::WeightScope shared_scope;
  nn::Embedding shared;  ///< the head's, where it is tied
  nn::Embedding encoder, decoder;

  Tables(const nn::WeightScope& model, const Config& c)
      : shared_scope(c.share_encoder_decoder_embeddings ? find_shared(model) : model / "decoder.embed_tokens"),
        shared(shared_scope, {c.decoder_vocab_size, c.d_model}) {
    const nn::WeightScope of_encoder = model / "encoder.embed_tokens";
    if (c.share_encoder_decoder_embeddings) {
      encoder = nn::tied_embedding(of_encoder, {shared, shared_scope});
      decoder = nn::tied_embedding(model / "decoder.embed_tokens", {shared, shared_scope});
    } else {
      encoder = {of_encoder, {c.vocab_size, c.d_model}};
      decoder = shared;
    }
  }

  static nn::WeightScope find_shared(const nn::WeightScope& model) {
    for (const char* name : {"shared", "encoder.embed_tokens", "decoder.embed_tokens"}) {
      if ((model / name).has("weight")) return model / name;
    }
    return model / "shared";
  }
};

template <class Norms>
class Network final : public nn::Network {
 public:
  Network(const Checkpoint& checkpoint, const Config& c, const Traits& traits)
      : config_(c),
        positions_(traits.positions),
        encoder(checkpoint.weights / "model.encoder", c, traits),
        decoder(checkpoint.weights / "model.decoder", c, traits) {
    const nn::WeightScope model = checkpoint.weights / "model";
    const Tables tables(model, c);
    encoder.embed_tokens = tables.encoder;
    decoder.embed_tokens = tables.decoder;
    for (std::size_t i = 0; i < c.encoder.layers; ++i) {
      encoder.layers.push_back(make_encoder_block<typename Norms::Encoder>(model / "encoder.layers" / i, c, i));
    }
    for (std::size_t i = 0; i < c.decoder.layers; ++i) {
      decoder.layers.push_back(make_decoder_block<typename Norms::Decoder>(model / "decoder.layers" / i, c, i));
    }
    if (Norms::k_last_norm) {
      encoder.layer_norm = make_norm(model / "encoder.layer_norm", c);
      decoder.layer_norm = make_norm(model / "decoder.layer_norm", c);
    }
    head = make_head(checkpoint, c, traits, {tables.shared, tables.shared_scope});
    info_ = describe(checkpoint.weights.tally());
    if (traits.wraps_last_token) info_.wraps_before_padding = c.pad_token_id;
    if (std::holds_alternative<nn::SequenceHead>(head)) {
      info_.end_token = pair_heads::end_token(checkpoint.config, 2);
    }
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override { return layout(config_.decoder, config_.decoder.layers); }
  nn::CacheLayout encoder_cache_layout() const override { return layout(config_.encoder, 1); }
  nn::CacheLayout source_cache_layout() const override { return cache_layout(); }

  /// Learned tables begin with two rows of no use. fairseq's positions begin after the padding token's, which has none:
  /// neither is it counted among those that came with it.
  void place_rows(std::span<nn::Row> rows, nn::ProgramRole) const override {
    if (positions_ == Positions::sinusoidal) return;
    std::int32_t skipped = 0;
    for (nn::Row& row : rows) {
      if (positions_ == Positions::learned) {
        row.position += static_cast<std::int32_t>(k_learned_offset);
      } else if (row.vector == nullptr && row.token == config_.pad_token_id) {
        row.position = config_.pad_token_id;
        ++skipped;
      } else {
        row.position += config_.pad_token_id + 1 - skipped;
      }
    }
  }

  void record(nn::Recorder& r, nn::ProgramRole role) const override {
    if (role == nn::ProgramRole::encoder) {
      r.output("last_hidden_state", encoder.last_norm(r, encoder(r)));  // [rows, d_model]
    } else if (role == nn::ProgramRole::source_keys) {
      const nn::Value encoded = nn::input_vectors(r, config_.d_model);  // [rows, d_model]
      for (const auto& block : decoder.layers) block.cross_attention.store_source(r, encoded);
    } else {
      const nn::Value x = decoder.last_norm(r, r.outputs_only(decoder(r)));  // [outputs, d_model]
      std::visit([&](const auto& one) { one.record(r, x); }, head);
    }
  }

 private:
  nn::CacheLayout layout(const Side& side, std::size_t layers) const {
    return {.layers = layers, .kv_heads = side.attention_heads, .head_dim = config_.d_model / side.attention_heads};
  }
  nn::NetworkInfo describe(const nn::WeightTally& tally) const {
    const Config& c = config_;
    return {.kind = nn::NetworkKind::encoder_decoder,
            .head = std::visit([](const auto& one) { return one.kind(); }, head),
            .vocabulary_size = c.decoder_vocab_size,
            .source_vocabulary_size = c.vocab_size,
            .hidden_size = c.d_model,
            .layers = c.decoder.layers,
            .heads = c.decoder.attention_heads,
            .encoder_layers = c.encoder.layers,
            .encoder_heads = c.encoder.attention_heads,
            .context_length = c.max_position_embeddings,
            .decoder_start_token = c.decoder_start_token_id,
            .parameters = tally.parameters,
            .weight_bytes = tally.bytes};
  }

  Config config_;
  Positions positions_;
  nn::NetworkInfo info_;
  Stack<typename Norms::Encoder> encoder;
  Stack<typename Norms::Decoder> decoder;
  Head head;
};

template <class Norms>
std::unique_ptr<const nn::Network> make(const Checkpoint& checkpoint, const Traits& traits) {
  checkpoint.config.must_equal("normalize_before", Norms::k_last_norm, "this architecture's norms stand in one place");
  checkpoint.config.must_equal("add_final_layer_norm", Norms::k_last_norm, "this architecture does it one way");
  return std::make_unique<const Network<Norms>>(checkpoint, Config::read(checkpoint.config, traits), traits);
}

/// Versions of fairseq, and what a folder holds for other classes than its own, as transformers passes over them.
inline std::vector<std::string_view> ignorable_tensors() {
  return {"model.encoder.version", "model.decoder.version", "lm_head.weight",
          "final_logits_bias",     "classification_head.*", "qa_outputs.*"};
}

inline Architecture architecture(std::string_view name, std::vector<std::string_view> classes) {
  return {.name = name,
          .hugging_face_classes = std::move(classes),
          .gguf_name = "",
          .hugging_face_names = format::TensorNaming{.to_file = {}, .optional_prefixes = {"model."}},
          .gguf_names = {},
          .gguf_keys = {},
          .ignorable_tensors = ignorable_tensors(),
          .make = nullptr};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::bart_like
