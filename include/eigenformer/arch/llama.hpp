// Llama: Llama 1 to 3 with their RoPE scalings, SmolLM2, and what else declares itself LlamaForCausalLM.
// Papers: https://arxiv.org/abs/2302.13971, https://arxiv.org/abs/2407.21783
// Reference: https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/llama/modeling_llama.py
// Held against transformers on tests/golden/llama (folders) and tests/golden/gguf.
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

namespace eigenformer::inline EIGENFORMER_ABI::arch::llama {

/// The keys of config.json, under their own names.
struct Config {
  std::size_t vocab_size, hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads;
  std::size_t head_dim, max_position_embeddings;
  double rms_norm_eps;
  nn::Bias attention_bias, mlp_bias;
  bool tie_word_embeddings;
  ops::RotaryOptions rotary;

  static Config read(const Checkpoint& checkpoint) {
    const format::ConfigReader& config = checkpoint.config;
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
    c.num_key_value_heads = size_or("num_key_value_heads", c.num_attention_heads);
    c.head_dim = size_or("head_dim", c.hidden_size / c.num_attention_heads);
    c.max_position_embeddings = size_or("max_position_embeddings", 2048);
    c.rms_norm_eps = config.number_or("rms_norm_eps", 1e-6, format::k_positive);
    c.attention_bias = static_cast<nn::Bias>(config.flag_or("attention_bias", false));
    c.mlp_bias = static_cast<nn::Bias>(config.flag_or("mlp_bias", false));
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", false);
    config.must_equal("hidden_act", "silu", "this architecture's feed-forward is gated by silu");
    config.ignore({"pretraining_tp"});  // splits products for training; the sums are the same
    if (c.num_attention_heads % c.num_key_value_heads != 0) {
      config.refuse("num_key_value_heads", "a divisor of num_attention_heads", "check the config");
    }
    if (c.head_dim == 0 || c.head_dim % 2 != 0) {
      config.refuse("head_dim", "an even number, for positions rotate pairs", "check the config");
    }
    const auto head_dim = static_cast<std::int64_t>(c.head_dim);
    config.must_equal("rotary_dim", head_dim, "this architecture rotates whole heads");
    config.must_equal("value_head_dim", head_dim, "this architecture's keys and values have one size");
    c.rotary = nn::read_rotary_options(config, static_cast<std::uint32_t>(c.head_dim),
                                       static_cast<std::uint32_t>(c.max_position_embeddings));
    return c;
  }
};

inline nn::MultiHeadAttention make_attention(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  const std::size_t query_size = c.num_attention_heads * c.head_dim;
  const std::size_t key_size = c.num_key_value_heads * c.head_dim;
  return {.q_proj = {w / "q_proj", {query_size, c.hidden_size}, c.attention_bias},
          .k_proj = {w / "k_proj", {key_size, c.hidden_size}, c.attention_bias},
          .v_proj = {w / "v_proj", {key_size, c.hidden_size}, c.attention_bias},
          .o_proj = {w / "o_proj", {c.hidden_size, query_size}, c.attention_bias},
          .options = {.heads = c.num_attention_heads,
                      .kv_heads = c.num_key_value_heads,
                      .head_dim = c.head_dim,
                      .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(c.head_dim))),
                      .layer = layer,
                      .cache_layer = layer}};
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
  explicit ForCausalLM(const Checkpoint& checkpoint) : config_(Config::read(checkpoint)) {
    const Config& c = config_;
    const nn::WeightScope& w = checkpoint.weights;
    std::vector<float> frequency_divisors;
    bool tied = c.tie_word_embeddings;
    if (checkpoint.kind == FileKind::gguf) {  // llama.cpp's converter: heads interleaved, scaling and tying as tensors
      w.expect_interleaved_heads({"self_attn.q_proj.weight", "self_attn.k_proj.weight"}, c.head_dim);
      if (w.has("rope_freqs.weight")) frequency_divisors = w.vector("rope_freqs.weight", c.head_dim / 2);
      tied = !w.has("lm_head.weight");
    }
    embed_tokens = {w / "model.embed_tokens", {c.vocab_size, c.hidden_size}};
    rotary_emb = nn::RotaryEmbedding(c.rotary, std::move(frequency_divisors));
    for (std::size_t layer = 0; layer < c.num_hidden_layers; ++layer) {
      layers.emplace_back(w / "model.layers" / layer, c, layer);
    }
    norm = {w / "model.norm", c.hidden_size, c.rms_norm_eps};
    if (!tied) lm_head.emplace(w / "lm_head", quant::MatrixSize{c.vocab_size, c.hidden_size});
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
    x = norm(r, r.outputs_only(x));                                                          // [outputs, hidden]
    r.output("logits", lm_head ? (*lm_head)(r, x) : r.linear(x, {&embed_tokens.weight()}));  // [outputs, vocabulary]
  }

 private:
  Config config_;
  nn::NetworkInfo info_;
  nn::Embedding embed_tokens;
  nn::RotaryEmbedding rotary_emb;
  std::vector<Layer> layers;
  nn::RmsNorm norm;
  std::optional<nn::Linear> lm_head;
};

inline Architecture architecture() {
  return {.name = "llama",
          .hugging_face_classes = {"LlamaForCausalLM"},
          .gguf_name = "llama",
          .hugging_face_names = {},
          .gguf_names = {.to_file = {{"model.embed_tokens.weight", "token_embd.weight"},
                                     {"model.layers.{i}.input_layernorm.weight", "blk.{i}.attn_norm.weight"},
                                     {"model.layers.{i}.self_attn.q_proj.weight", "blk.{i}.attn_q.weight"},
                                     {"model.layers.{i}.self_attn.k_proj.weight", "blk.{i}.attn_k.weight"},
                                     {"model.layers.{i}.self_attn.v_proj.weight", "blk.{i}.attn_v.weight"},
                                     {"model.layers.{i}.self_attn.o_proj.weight", "blk.{i}.attn_output.weight"},
                                     {"model.layers.{i}.post_attention_layernorm.weight", "blk.{i}.ffn_norm.weight"},
                                     {"model.layers.{i}.mlp.gate_proj.weight", "blk.{i}.ffn_gate.weight"},
                                     {"model.layers.{i}.mlp.up_proj.weight", "blk.{i}.ffn_up.weight"},
                                     {"model.layers.{i}.mlp.down_proj.weight", "blk.{i}.ffn_down.weight"},
                                     {"model.norm.weight", "output_norm.weight"},
                                     {"lm_head.weight", "output.weight"}},
                         .optional_prefixes = {}},
          .gguf_keys = {.keys = {{"llama.vocab_size", "vocab_size"},
                                 {"llama.context_length", "max_position_embeddings"},
                                 {"llama.embedding_length", "hidden_size"},
                                 {"llama.block_count", "num_hidden_layers"},
                                 {"llama.feed_forward_length", "intermediate_size"},
                                 {"llama.attention.head_count", "num_attention_heads"},
                                 {"llama.attention.head_count_kv", "num_key_value_heads"},
                                 {"llama.attention.layer_norm_rms_epsilon", "rms_norm_eps"},
                                 {"llama.attention.key_length", "head_dim"},
                                 {"llama.attention.value_length", "value_head_dim"},
                                 {"llama.rope.dimension_count", "rotary_dim"},
                                 {"llama.rope.freq_base", "rope_theta"},
                                 {"llama.rope.scaling.type", "rope_scaling.rope_type"},
                                 {"llama.rope.scaling.factor", "rope_scaling.factor"},
                                 {"llama.rope.scaling.original_context_length",
                                  "rope_scaling.original_max_position_embeddings"}},
                        .ignorable_patterns = {"general.*", "tokenizer.*", "quantize.imatrix.*"}},
          .ignorable_tensors = {"*.rotary_emb.inv_freq", "lm_head.weight"},  // the head's copy of tied embeddings
          .make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
            return std::make_unique<const ForCausalLM>(checkpoint);
          }};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::llama
