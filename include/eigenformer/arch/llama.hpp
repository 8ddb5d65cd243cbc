// Llama: Llama 1 to 3 with their RoPE scalings, SmolLM2, and what else declares itself LlamaForCausalLM.
// Papers: https://arxiv.org/abs/2302.13971, https://arxiv.org/abs/2407.21783
// Reference: https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/llama/modeling_llama.py
// Held against transformers on tests/golden/llama (folders) and tests/golden/gguf.
// Relatives (mistral.hpp, qwen2.hpp, qwen3.hpp) fill this file's Config by the keys and defaults of their own.
#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"
#include "eigenformer/nn/norm.hpp"
#include "eigenformer/nn/positions/rotary_embedding.hpp"
#include "eigenformer/nn/tied_linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::llama {

/// How attention is cut into heads.
struct Heads {
  std::size_t queries, keys, head_dim;
};

/// What must be true of them, whichever keys say so.
inline void check_heads(const format::ConfigReader& config, const Heads& heads) {
  if (heads.queries % heads.keys != 0) {
    config.refuse("num_key_value_heads", "a divisor of num_attention_heads", "check the config");
  }
  if (heads.head_dim == 0 || heads.head_dim % 2 != 0) {
    config.refuse("head_dim", "an even number, for positions rotate pairs", "check the config");
  }
  const auto head_dim = static_cast<std::int64_t>(heads.head_dim);
  config.must_equal("rotary_dim", head_dim, "this architecture rotates whole heads");
  config.must_equal("value_head_dim", head_dim, "this architecture's keys and values have one size");
}

/// What a relative's config means by a key that it leaves out; a GGUF file means what Llama's does.
struct Defaults {
  std::optional<std::size_t> num_key_value_heads = {};  ///< none: num_attention_heads
  std::optional<std::size_t> head_dim = {};             ///< none: hidden_size / num_attention_heads
  std::size_t max_position_embeddings = 2048;
};

/// The keys of config.json, under their own names, and what relatives have beside them.
struct Config {
  std::size_t vocab_size, hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads;
  std::size_t head_dim, max_position_embeddings;
  double rms_norm_eps;
  bool tie_word_embeddings;
  ops::RotaryOptions rotary;
  nn::Bias query_bias = nn::Bias::no;   ///< of q_proj, k_proj and v_proj
  nn::Bias output_bias = nn::Bias::no;  ///< of o_proj
  nn::Bias mlp_bias = nn::Bias::no;
  bool normalizes_heads = false;            ///< whether layers have q_norm and k_norm
  bool interleaves_gguf_heads = false;      ///< whether llama.cpp's converter reorders the rows of q and k
  std::vector<std::uint32_t> windows = {};  ///< AttentionOptions::window of each layer; empty: no layer has one

  /// What all relatives have.
  static Config read(const Checkpoint& checkpoint, const Defaults& defaults) {
    const format::ConfigReader& config = checkpoint.config;
    const bool is_folder = checkpoint.kind == FileKind::hugging_face;
    const auto size = [&](std::string_view key) {
      return static_cast<std::size_t>(config.integer(key, format::k_size_range));
    };
    const auto size_or = [&](std::string_view key, std::size_t otherwise) {
      return static_cast<std::size_t>(
          config.integer_or(key, static_cast<std::int64_t>(otherwise), format::k_size_range));
    };
    Config c{};
    c.vocab_size = checkpoint.vocabulary_size
                       ? size_or("vocab_size", static_cast<std::size_t>(*checkpoint.vocabulary_size))
                       : size("vocab_size");
    c.hidden_size = size("hidden_size");
    c.intermediate_size = size("intermediate_size");
    c.num_hidden_layers = static_cast<std::size_t>(config.integer("num_hidden_layers", format::k_layer_count_range));
    c.num_attention_heads = size("num_attention_heads");
    const bool as_many = !is_folder || config.is_null("num_key_value_heads");
    c.num_key_value_heads =
        size_or("num_key_value_heads",
                as_many ? c.num_attention_heads : defaults.num_key_value_heads.value_or(c.num_attention_heads));
    const std::size_t share = c.hidden_size / c.num_attention_heads;
    c.head_dim = size_or("head_dim", is_folder ? defaults.head_dim.value_or(share) : share);
    c.max_position_embeddings = size_or("max_position_embeddings", defaults.max_position_embeddings);
    c.rms_norm_eps = config.number_or("rms_norm_eps", 1e-6, format::k_positive);
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", false);
    config.must_equal("hidden_act", "silu", "this architecture's feed-forward is gated by silu");
    check_heads(config, {c.num_attention_heads, c.num_key_value_heads, c.head_dim});
    c.rotary = nn::read_rotary_options(config, static_cast<std::uint32_t>(c.head_dim),
                                       static_cast<std::uint32_t>(c.max_position_embeddings));
    return c;
  }

  static Config read(const Checkpoint& checkpoint) {
    const format::ConfigReader& config = checkpoint.config;
    Config c = read(checkpoint, Defaults{});
    c.query_bias = c.output_bias = static_cast<nn::Bias>(config.flag_or("attention_bias", false));
    c.mlp_bias = static_cast<nn::Bias>(config.flag_or("mlp_bias", false));
    c.interleaves_gguf_heads = true;
    config.ignore({"pretraining_tp"});  // splits products for training; the sums are the same
    return c;
  }
};

inline nn::MultiHeadAttention make_attention(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  const std::size_t query_size = c.num_attention_heads * c.head_dim;
  const std::size_t key_size = c.num_key_value_heads * c.head_dim;
  const auto head_norm = [&](std::string_view name) -> std::optional<nn::RmsNorm> {
    if (!c.normalizes_heads) return std::nullopt;
    return nn::RmsNorm(w / name, c.head_dim, c.rms_norm_eps);
  };
  return {.q_proj = {w / "q_proj", {query_size, c.hidden_size}, c.query_bias},
          .k_proj = {w / "k_proj", {key_size, c.hidden_size}, c.query_bias},
          .v_proj = {w / "v_proj", {key_size, c.hidden_size}, c.query_bias},
          .o_proj = {w / "o_proj", {c.hidden_size, query_size}, c.output_bias},
          .options = nn::AttentionOptions{.heads = c.num_attention_heads,
                                          .kv_heads = c.num_key_value_heads,
                                          .head_dim = c.head_dim,
                                          .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(c.head_dim))),
                                          .window = c.windows.empty() ? 0 : c.windows[layer],
                                          .layer = layer,
                                          .cache_layer = layer},
          .q_norm = head_norm("q_norm"),
          .k_norm = head_norm("k_norm")};
}

inline nn::GatedFeedForward make_feed_forward(const nn::WeightScope& w, const Config& c) {
  return {.gate = {w / "gate_proj", {c.intermediate_size, c.hidden_size}, c.mlp_bias},
          .up = {w / "up_proj", {c.intermediate_size, c.hidden_size}, c.mlp_bias},
          .down = {w / "down_proj", {c.hidden_size, c.intermediate_size}, c.mlp_bias},
          .activation = nn::Activation::silu};
}

class Layer {
 public:
  Layer(const nn::WeightScope& w, const Config& c, std::size_t layer)
      : input_layernorm(w / "input_layernorm", c.hidden_size, c.rms_norm_eps),
        self_attn(make_attention(w / "self_attn", c, layer)),
        post_attention_layernorm(w / "post_attention_layernorm", c.hidden_size, c.rms_norm_eps),
        mlp(make_feed_forward(w / "mlp", c)) {}

  nn::Value operator()(nn::Recorder& r, nn::Value x, nn::Value rotary) const {
    const nn::Value attended = self_attn(r, input_layernorm(r, x), rotary);  // [rows, hidden]
    x = r.add(x, attended);                                                  // [rows, hidden]
    const nn::Value fed = mlp(r, post_attention_layernorm(r, x));            // [rows, hidden]
    return r.add(x, fed);                                                    // [rows, hidden]
  }

 private:
  nn::RmsNorm input_layernorm;
  nn::MultiHeadAttention self_attn;
  nn::RmsNorm post_attention_layernorm;
  nn::GatedFeedForward mlp;
};

class ForCausalLM final : public nn::Network {
 public:
  ForCausalLM(const Checkpoint& checkpoint, Config config) : config_(std::move(config)) {
    const Config& c = config_;
    const nn::WeightScope& w = checkpoint.weights;
    std::vector<float> frequency_divisors;
    bool tied = c.tie_word_embeddings;
    if (checkpoint.kind == FileKind::gguf) {  // llama.cpp's converter: heads interleaved, scaling and tying as tensors
      if (c.interleaves_gguf_heads) {
        w.expect_interleaved_heads({"self_attn.q_proj.weight", "self_attn.k_proj.weight"}, c.head_dim);
      }
      if (w.has("rope_freqs.weight")) frequency_divisors = w.vector("rope_freqs.weight", c.head_dim / 2);
      tied = !w.has("lm_head.weight");
    }
    embed_tokens = {w / "model.embed_tokens", {c.vocab_size, c.hidden_size}};
    for (std::size_t layer = 0; layer < c.num_hidden_layers; ++layer) {
      layers.emplace_back(w / "model.layers" / layer, c, layer);
    }
    // after weights of its size: a head of 16 million values that a config alone claims costs no memory
    rotary_emb = nn::RotaryEmbedding(c.rotary, std::move(frequency_divisors));
    norm = {w / "model.norm", c.hidden_size, c.rms_norm_eps};
    lm_head = tied ? nn::tied_linear(w / "lm_head", {embed_tokens, w / "model.embed_tokens"}, {})
                   : nn::Linear(w / "lm_head", {c.vocab_size, c.hidden_size});
    info_ = {.kind = nn::NetworkKind::decoder,
             .vocabulary_size = c.vocab_size,
             .hidden_size = c.hidden_size,
             .layers = c.num_hidden_layers,
             .heads = c.num_attention_heads,
             .context_length = nn::rotary_context_length(c.rotary, c.max_position_embeddings),
             .parameters = w.tally().parameters,
             .weight_bytes = w.tally().bytes};
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override {
    return {.layers = config_.num_hidden_layers, .kv_heads = config_.num_key_value_heads, .head_dim = config_.head_dim};
  }
  std::uint32_t frequency_length(std::uint32_t tokens) const override { return rotary_emb.frequency_length(tokens); }

  void record(nn::Recorder& r, nn::ProgramRole) const override {
    const nn::Value rotary = rotary_emb(r);  // [rows, head_dim]
    nn::Value x = embed_tokens.tokens(r);    // [rows, hidden]
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      r.probe("hidden_states." + std::to_string(layer), x);
      x = layers[layer](r, x, rotary);  // [rows, hidden]
    }
    const std::string last = "hidden_states." + std::to_string(layers.size());
    if (r.keeps(last)) r.probe(last, norm(r, x));
    x = norm(r, r.outputs_only(x));     // [outputs, hidden]
    r.output("logits", lm_head(r, x));  // [outputs, vocabulary]
  }

 private:
  Config config_;
  nn::NetworkInfo info_;
  nn::Embedding embed_tokens;
  nn::RotaryEmbedding rotary_emb;
  std::vector<Layer> layers;
  nn::RmsNorm norm;
  nn::Linear lm_head;
};

/// Tensors of GGUF files, relatives' too.
inline format::TensorNaming gguf_names() {
  return {.to_file = {{"model.embed_tokens.weight", "token_embd.weight"},
                      {"model.layers.{i}.input_layernorm.weight", "blk.{i}.attn_norm.weight"},
                      {"model.layers.{i}.self_attn.q_proj.weight", "blk.{i}.attn_q.weight"},
                      {"model.layers.{i}.self_attn.q_proj.bias", "blk.{i}.attn_q.bias"},
                      {"model.layers.{i}.self_attn.q_norm.weight", "blk.{i}.attn_q_norm.weight"},
                      {"model.layers.{i}.self_attn.k_proj.weight", "blk.{i}.attn_k.weight"},
                      {"model.layers.{i}.self_attn.k_proj.bias", "blk.{i}.attn_k.bias"},
                      {"model.layers.{i}.self_attn.k_norm.weight", "blk.{i}.attn_k_norm.weight"},
                      {"model.layers.{i}.self_attn.v_proj.weight", "blk.{i}.attn_v.weight"},
                      {"model.layers.{i}.self_attn.v_proj.bias", "blk.{i}.attn_v.bias"},
                      {"model.layers.{i}.self_attn.o_proj.weight", "blk.{i}.attn_output.weight"},
                      {"model.layers.{i}.self_attn.o_proj.bias", "blk.{i}.attn_output.bias"},
                      {"model.layers.{i}.post_attention_layernorm.weight", "blk.{i}.ffn_norm.weight"},
                      {"model.layers.{i}.mlp.gate_proj.weight", "blk.{i}.ffn_gate.weight"},
                      {"model.layers.{i}.mlp.up_proj.weight", "blk.{i}.ffn_up.weight"},
                      {"model.layers.{i}.mlp.down_proj.weight", "blk.{i}.ffn_down.weight"},
                      {"model.norm.weight", "output_norm.weight"},
                      {"lm_head.weight", "output.weight"}},
          .optional_prefixes = {}};
}

/// Keys of GGUF files whose general.architecture is `name`.
inline format::GgufKeyMap gguf_keys(const std::string& name) {
  format::GgufKeyMap map{.ignorable_patterns = {"general.*", "tokenizer.*", "quantize.imatrix.*"}};
  const std::pair<std::string_view, std::string_view> keys[] = {
      {"vocab_size", "vocab_size"},
      {"context_length", "max_position_embeddings"},
      {"embedding_length", "hidden_size"},
      {"block_count", "num_hidden_layers"},
      {"feed_forward_length", "intermediate_size"},
      {"attention.head_count", "num_attention_heads"},
      {"attention.head_count_kv", "num_key_value_heads"},
      {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
      {"attention.key_length", "head_dim"},
      {"attention.value_length", "value_head_dim"},
      {"rope.dimension_count", "rotary_dim"},
      {"rope.freq_base", "rope_theta"},
      {"rope.scaling.type", "rope_scaling.rope_type"},
      {"rope.scaling.factor", "rope_scaling.factor"},
      {"rope.scaling.yarn_beta_fast", "rope_scaling.beta_fast"},
      {"rope.scaling.yarn_beta_slow", "rope_scaling.beta_slow"},
      {"rope.scaling.original_context_length", "rope_scaling.original_max_position_embeddings"}};
  for (const auto& [file, ours] : keys) map.keys.emplace_back(name + "." + std::string(file), ours);
  return map;
}

/// The row of a relative, without its `make`.
struct RelativeNames {
  std::string_view name, hugging_face_class, gguf_name;
};
inline Architecture relative(const RelativeNames& names) {
  return {.name = names.name,
          .hugging_face_classes = {names.hugging_face_class},
          .gguf_name = names.gguf_name,
          .hugging_face_names = {},
          .gguf_names = gguf_names(),
          .gguf_keys = gguf_keys(std::string(names.gguf_name)),
          .ignorable_tensors = {"*.rotary_emb.inv_freq"},
          .make = nullptr};
}

inline Architecture architecture() {
  Architecture llama = relative({.name = "llama", .hugging_face_class = "LlamaForCausalLM", .gguf_name = "llama"});
  llama.make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
    return std::make_unique<const ForCausalLM>(checkpoint, Config::read(checkpoint));
  };
  return llama;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::llama
