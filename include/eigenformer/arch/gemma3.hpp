// Gemma 3, the text models.
// Paper: https://arxiv.org/abs/2503.19786
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/gemma3/modeling_gemma3.py
// Held against transformers on tests/golden/gemma3 (folders) and tests/golden/gguf/gemma3.
// Differs from llama in: embeddings times sqrt(hidden_size), norms before and after attention and feed-forward, of
// which folders keep the weight less 1, norms of each head of q and k, layers that see only the last tokens and rotate
// by frequencies of their own, a gate of gelu, a head that is tied unless the config says otherwise. transformers
// rounds sqrt(hidden_size) to the type in which it computes; here that is float32, whatever the file's.
#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/arch/llama.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/activation_name.hpp"
#include "eigenformer/nn/layer_windows.hpp"
#include "eigenformer/nn/scale.hpp"
#include "eigenformer/nn/softcap.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::gemma3 {

/// How a file keeps the weight of a norm.
enum class NormWeight : std::uint8_t { as_it_is, less_one };

/// The keys of config.json, under their own names.
struct Config {
  std::size_t vocab_size, hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads;
  std::size_t head_dim, max_position_embeddings;
  double rms_norm_eps, query_pre_attn_scalar;
  std::optional<double> final_logit_softcapping;
  nn::Activation hidden_activation;
  nn::Bias attention_bias;
  bool tie_word_embeddings;
  std::vector<std::uint32_t> windows;  ///< AttentionOptions::window of each layer
  ops::RotaryOptions full_attention, sliding_attention;
  NormWeight norm_weight;

  static Config read(const Checkpoint& checkpoint) {
    const format::ConfigReader& config = checkpoint.config;
    const bool is_gguf = checkpoint.kind == FileKind::gguf;
    const auto size_or = [&](std::string_view key, std::int64_t otherwise) {
      return static_cast<std::size_t>(config.integer_or(key, otherwise, format::k_size_range));
    };
    Config c{};
    c.vocab_size = size_or("vocab_size", checkpoint.vocabulary_size.value_or(262208));
    c.hidden_size = size_or("hidden_size", 2304);
    c.intermediate_size = size_or("intermediate_size", 9216);
    c.num_hidden_layers =
        static_cast<std::size_t>(config.integer_or("num_hidden_layers", 26, format::k_layer_count_range));
    c.num_attention_heads = size_or("num_attention_heads", 8);
    c.num_key_value_heads = size_or("num_key_value_heads", 4);
    c.head_dim = size_or("head_dim", 256);
    c.max_position_embeddings = size_or("max_position_embeddings", 131072);
    c.rms_norm_eps = config.number_or("rms_norm_eps", 1e-6, format::k_positive);
    c.query_pre_attn_scalar =
        config.number_or("query_pre_attn_scalar", is_gguf ? c.gguf_query_scalar() : 256.0, format::k_positive);
    c.final_logit_softcapping = config.optional_number("final_logit_softcapping", format::k_positive);
    c.hidden_activation = nn::read_activation(config, "hidden_activation", "gelu_pytorch_tanh");
    c.attention_bias = static_cast<nn::Bias>(config.flag_or("attention_bias", false));
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", true);
    c.norm_weight = is_gguf ? NormWeight::as_it_is : NormWeight::less_one;
    config.must_equal("use_bidirectional_attention", false, "this architecture's tokens see those before them");
    // The reference reads the one and caps no scores by it; the other is a copy of what layer_types says already.
    config.ignore({"attn_logit_softcapping", "_sliding_window_pattern"});
    llama::check_heads(config, {c.num_attention_heads, c.num_key_value_heads, c.head_dim});
    c.windows = c.read_windows(config, is_gguf);
    c.read_rotary(config);
    return c;
  }

  /// No key of GGUF files says it: llama.cpp takes the size of a head, but for the model of 62 layers (27B), whose
  /// heads are smaller than hidden_size / num_attention_heads.
  /// https://github.com/ggml-org/llama.cpp/blob/master/src/models/gemma3.cpp
  double gguf_query_scalar() const {
    constexpr std::size_t layers_of_27b = 62;
    const bool is_27b = num_hidden_layers == layers_of_27b;
    return static_cast<double>(is_27b ? hidden_size / num_attention_heads : head_dim);
  }

  /// Without "layer_types", all but every sliding_window_pattern-th layer slide; in GGUF files, all see everything
  /// where no window is given.
  std::vector<std::uint32_t> read_windows(const format::ConfigReader& config, bool is_gguf) const {
    const bool has_window = is_gguf ? config.has("sliding_window") : !config.is_null("sliding_window");
    const auto window = static_cast<std::uint32_t>(config.integer_or("sliding_window", 4096, format::k_size_range));
    const auto pattern = static_cast<std::size_t>(config.integer_or("sliding_window_pattern", 6, format::k_size_range));
    return nn::read_layer_windows(config,
                                  {.layers = num_hidden_layers,
                                   .window = has_window ? window : 0,
                                   .slides = [pattern](std::size_t layer) { return (layer + 1) % pattern != 0; }});
  }

  /// Two sets of rotary keys: in "rope_parameters" by the type of layer, or rope_theta with rope_scaling for the layers
  /// that see everything and rope_local_base_freq for the others.
  void read_rotary(const format::ConfigReader& config) {
    const format::ConfigReader parameters = config.object("rope_parameters");
    const bool newer = config.has("rope_parameters");
    nn::RotaryModel model{.theta = config.number_or("rope_theta", 1e6, format::k_positive),
                          .rotary_dim = static_cast<std::uint32_t>(head_dim),
                          .max_position_embeddings = static_cast<std::uint32_t>(max_position_embeddings)};
    full_attention =
        nn::read_rotary_object(newer ? parameters.object("full_attention") : config.object("rope_scaling"), model);
    model.theta = config.number_or("rope_local_base_freq", 1e4, format::k_positive);
    const format::ConfigReader sliding = parameters.object("sliding_attention");
    sliding_attention = nn::read_rotary_object(sliding, model);
    if (ops::rotary_depends_on_length(sliding_attention)) {
      sliding.refuse("rope_type", "a scaling by which frequencies are the same for all lengths",
                     "use a checkpoint whose sliding layers have no such scaling");
    }
  }
};

inline nn::RmsNorm make_norm(const nn::WeightScope& w, const Config& c, std::size_t size) {
  std::vector<float> weight = w.vector("weight", size);
  if (c.norm_weight == NormWeight::less_one) {
    for (float& value : weight) value += 1.0F;
  }
  return {std::move(weight), static_cast<float>(c.rms_norm_eps)};
}

inline nn::MultiHeadAttention make_attention(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  const std::size_t query_size = c.num_attention_heads * c.head_dim;
  const std::size_t key_size = c.num_key_value_heads * c.head_dim;
  return {.q_proj = {w / "q_proj", {query_size, c.hidden_size}, c.attention_bias},
          .k_proj = {w / "k_proj", {key_size, c.hidden_size}, c.attention_bias},
          .v_proj = {w / "v_proj", {key_size, c.hidden_size}, c.attention_bias},
          .o_proj = {w / "o_proj", {c.hidden_size, query_size}, c.attention_bias},
          .options = nn::AttentionOptions{.heads = c.num_attention_heads,
                                          .kv_heads = c.num_key_value_heads,
                                          .head_dim = c.head_dim,
                                          .scale = static_cast<float>(1.0 / std::sqrt(c.query_pre_attn_scalar)),
                                          .window = c.windows[layer],
                                          .layer = layer,
                                          .cache_layer = layer},
          .q_norm = make_norm(w / "q_norm", c, c.head_dim),
          .k_norm = make_norm(w / "k_norm", c, c.head_dim)};
}

inline nn::GatedFeedForward make_feed_forward(const nn::WeightScope& w, const Config& c) {
  return {.gate = {w / "gate_proj", {c.intermediate_size, c.hidden_size}},
          .up = {w / "up_proj", {c.intermediate_size, c.hidden_size}},
          .down = {w / "down_proj", {c.hidden_size, c.intermediate_size}},
          .activation = c.hidden_activation};
}

class Layer {
 public:
  Layer(const nn::WeightScope& w, const Config& c, std::size_t layer)
      : input_layernorm(make_norm(w / "input_layernorm", c, c.hidden_size)),
        self_attn(make_attention(w / "self_attn", c, layer)),
        post_attention_layernorm(make_norm(w / "post_attention_layernorm", c, c.hidden_size)),
        pre_feedforward_layernorm(make_norm(w / "pre_feedforward_layernorm", c, c.hidden_size)),
        mlp(make_feed_forward(w / "mlp", c)),
        post_feedforward_layernorm(make_norm(w / "post_feedforward_layernorm", c, c.hidden_size)) {}

  nn::Value operator()(nn::Recorder& r, nn::Value x, nn::Value rotary) const {
    const nn::Value attended = self_attn(r, input_layernorm(r, x), rotary);  // [rows, hidden]
    x = r.add(x, post_attention_layernorm(r, attended));                     // [rows, hidden]
    const nn::Value fed = mlp(r, pre_feedforward_layernorm(r, x));           // [rows, hidden]
    return r.add(x, post_feedforward_layernorm(r, fed));                     // [rows, hidden]
  }

 private:
  nn::RmsNorm input_layernorm;
  nn::MultiHeadAttention self_attn;
  nn::RmsNorm post_attention_layernorm;
  nn::RmsNorm pre_feedforward_layernorm;
  nn::GatedFeedForward mlp;
  nn::RmsNorm post_feedforward_layernorm;
};

class ForCausalLM final : public nn::Network {
 public:
  explicit ForCausalLM(const Checkpoint& checkpoint) : config_(Config::read(checkpoint)) {
    const Config& c = config_;
    const nn::WeightScope& w = checkpoint.weights;
    const bool tied = checkpoint.kind == FileKind::gguf ? !w.has("lm_head.weight") : c.tie_word_embeddings;
    embed_tokens = {w / "model.embed_tokens", {c.vocab_size, c.hidden_size}};
    for (std::size_t layer = 0; layer < c.num_hidden_layers; ++layer) {
      layers.emplace_back(w / "model.layers" / layer, c, layer);
    }
    full_attention = nn::RotaryEmbedding(c.full_attention);  // after the weights, as in llama.hpp
    sliding_attention = nn::RotaryEmbedding(c.sliding_attention);
    norm = make_norm(w / "model.norm", c, c.hidden_size);
    lm_head = tied ? nn::tied_linear(w / "lm_head", {embed_tokens, w / "model.embed_tokens"}, {})
                   : nn::Linear(w / "lm_head", {c.vocab_size, c.hidden_size});
    info_ = {.kind = nn::NetworkKind::decoder,
             .vocabulary_size = c.vocab_size,
             .hidden_size = c.hidden_size,
             .layers = c.num_hidden_layers,
             .heads = c.num_attention_heads,
             .context_length = nn::rotary_context_length(c.full_attention, c.max_position_embeddings),
             .parameters = w.tally().parameters,
             .weight_bytes = w.tally().bytes};
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override {
    return {.layers = config_.num_hidden_layers, .kv_heads = config_.num_key_value_heads, .head_dim = config_.head_dim};
  }
  std::uint32_t frequency_length(std::uint32_t tokens) const override {
    return full_attention.frequency_length(tokens);
  }

  void record(nn::Recorder& r, nn::ProgramRole) const override {
    const nn::Value full = full_attention(r);        // [rows, head_dim]
    const nn::Value sliding = sliding_attention(r);  // [rows, head_dim]
    const double scale = std::sqrt(static_cast<double>(config_.hidden_size));
    nn::Value x = nn::scale(r, embed_tokens.tokens(r), static_cast<float>(scale));  // [rows, hidden]
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      r.probe("hidden_states." + std::to_string(layer), x);
      x = layers[layer](r, x, config_.windows[layer] == 0 ? full : sliding);  // [rows, hidden]
    }
    const std::string last = "hidden_states." + std::to_string(layers.size());
    if (r.keeps(last)) r.probe(last, norm(r, x));
    const nn::Value logits = lm_head(r, norm(r, r.outputs_only(x)));  // [outputs, vocabulary]
    const std::optional<double> cap = config_.final_logit_softcapping;
    r.output("logits", cap ? nn::softcap(r, logits, static_cast<float>(*cap)) : logits);
  }

 private:
  Config config_;
  nn::NetworkInfo info_;
  nn::Embedding embed_tokens;
  nn::RotaryEmbedding full_attention, sliding_attention;
  std::vector<Layer> layers;
  nn::RmsNorm norm;
  nn::Linear lm_head;
};

/// Names of llama's, but for the norms around the feed-forward.
inline format::TensorNaming gguf_names() {
  format::TensorNaming names = llama::gguf_names();
  std::erase_if(names.to_file, [](const auto& name) { return name.second == "blk.{i}.ffn_norm.weight"; });
  const std::pair<const char*, const char*> own[] = {
      {"model.layers.{i}.post_attention_layernorm.weight", "blk.{i}.post_attention_norm.weight"},
      {"model.layers.{i}.pre_feedforward_layernorm.weight", "blk.{i}.ffn_norm.weight"},
      {"model.layers.{i}.post_feedforward_layernorm.weight", "blk.{i}.post_ffw_norm.weight"}};
  for (const auto& [ours, file] : own) names.to_file.emplace_back(ours, file);
  return names;
}

inline Architecture architecture() {
  Architecture gemma3 =
      llama::relative({.name = "gemma3_text", .hugging_face_class = "Gemma3ForCausalLM", .gguf_name = "gemma3"});
  gemma3.gguf_names = gguf_names();
  const std::pair<const char*, const char*> own[] = {
      {"gemma3.attention.sliding_window", "sliding_window"},
      {"gemma3.attention.sliding_window_pattern", "sliding_window_pattern"},
      {"gemma3.rope.freq_base_swa", "rope_local_base_freq"},
      {"gemma3.final_logit_softcapping", "final_logit_softcapping"}};
  for (const auto& [file, ours] : own) gemma3.gguf_keys.keys.emplace_back(file, ours);
  gemma3.make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
    return std::make_unique<const ForCausalLM>(checkpoint);
  };
  return gemma3;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::gemma3
