// GPT-2, and DialoGPT, which is GPT-2 trained on dialogue.
// Papers: https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf,
// https://arxiv.org/abs/1911.00536
// Reference: https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/gpt2/modeling_gpt2.py
// Held against transformers on tests/golden/gpt2 (folders) and tests/golden/gguf.
// Differs from llama in: learned positions, LayerNorm, one matrix for q, k and v, plain feed-forward, weights [in,
// out].
#pragma once

#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/activation_name.hpp"
#include "eigenformer/nn/embedding.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"
#include "eigenformer/nn/norm.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::gpt2 {

/// The keys of config.json, under their own names.
struct Config {
  std::size_t vocab_size, n_positions, n_embd, n_layer, n_head, n_inner;
  nn::Activation activation_function;
  double layer_norm_epsilon;
  bool scale_attn_weights, scale_attn_by_inverse_layer_idx, tie_word_embeddings;
  nn::FileLayout layout;

  static Config read(const Checkpoint& checkpoint) {
    const format::ConfigReader& config = checkpoint.config;
    const auto size_or = [&](std::string_view key, std::size_t otherwise) {
      return static_cast<std::size_t>(
          config.integer_or(key, static_cast<std::int64_t>(otherwise), format::k_size_range));
    };
    Config c{};
    c.vocab_size = size_or("vocab_size", static_cast<std::size_t>(checkpoint.vocabulary_size.value_or(50257)));
    c.n_positions = size_or("n_positions", 1024);
    c.n_embd = size_or("n_embd", 768);
    c.n_layer = static_cast<std::size_t>(config.integer_or("n_layer", 12, format::k_layer_count_range));
    c.n_head = size_or("n_head", 12);
    c.n_inner = size_or("n_inner", 4 * c.n_embd);
    c.activation_function = nn::read_activation(config, "activation_function", "gelu_new");
    c.layer_norm_epsilon = config.number_or("layer_norm_epsilon", 1e-5, format::k_positive);
    c.scale_attn_weights = config.flag_or("scale_attn_weights", true);
    c.scale_attn_by_inverse_layer_idx = config.flag_or("scale_attn_by_inverse_layer_idx", false);
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", true);
    c.layout = checkpoint.kind == FileKind::gguf ? nn::FileLayout::outputs_first : nn::FileLayout::inner_first;
    config.must_equal("add_cross_attention", false, "cross-attention needs an encoder");
    config.ignore({"n_ctx", "embd_pdrop", "attn_pdrop", "resid_pdrop", "summary_type", "summary_use_proj",
                   "summary_activation", "summary_proj_to_labels", "summary_first_dropout", "reorder_and_upcast_attn"});
    if (c.n_embd % c.n_head != 0) config.refuse("n_head", "a divisor of n_embd", "check the config");
    return c;
  }

  std::size_t head_dim() const { return n_embd / n_head; }
  /// 1 / sqrt(head_dim), and 1 / (layer + 1) where the config says so.
  float attention_scale(std::size_t layer) const {
    const double scale = scale_attn_weights ? 1.0 / std::sqrt(static_cast<double>(head_dim())) : 1.0;
    return static_cast<float>(scale_attn_by_inverse_layer_idx ? scale / static_cast<double>(layer + 1) : scale);
  }
};

/// One Conv1D, cut into `parts` layers of equal size.
inline std::vector<nn::Linear> conv1d(const nn::WeightScope& w, quant::MatrixSize size, nn::FileLayout layout,
                                      std::size_t parts = 1) {
  const std::size_t outputs = size.outputs / parts;
  std::vector<std::vector<std::int32_t>> orders(parts, std::vector<std::int32_t>(outputs));
  for (std::size_t part = 0; part < parts; ++part) {
    std::iota(orders[part].begin(), orders[part].end(), static_cast<std::int32_t>(part * outputs));
  }
  std::vector<quant::PackedMatrix> weights = w.matrices("weight", size, layout, orders);
  const std::vector<float> bias = w.vector("bias", size.outputs);
  std::vector<nn::Linear> layers;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto first = bias.begin() + static_cast<std::ptrdiff_t>(part * outputs);
    layers.emplace_back(std::move(weights[part]),
                        std::vector<float>(first, first + static_cast<std::ptrdiff_t>(outputs)));
  }
  return layers;
}

inline nn::MultiHeadAttention make_attention(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  std::vector<nn::Linear> c_attn = conv1d(w / "c_attn", {3 * c.n_embd, c.n_embd}, c.layout, 3);
  return {.q_proj = std::move(c_attn[0]),
          .k_proj = std::move(c_attn[1]),
          .v_proj = std::move(c_attn[2]),
          .o_proj = std::move(conv1d(w / "c_proj", {c.n_embd, c.n_embd}, c.layout)[0]),
          .options = nn::AttentionOptions{.heads = c.n_head,
                                          .kv_heads = c.n_head,
                                          .head_dim = c.head_dim(),
                                          .scale = c.attention_scale(layer),
                                          .layer = layer,
                                          .cache_layer = layer}};
}

inline nn::FeedForward make_feed_forward(const nn::WeightScope& w, const Config& c) {
  return {.up = std::move(conv1d(w / "c_fc", {c.n_inner, c.n_embd}, c.layout)[0]),
          .down = std::move(conv1d(w / "c_proj", {c.n_embd, c.n_inner}, c.layout)[0]),
          .activation = c.activation_function};
}

class Block {
 public:
  Block(const nn::WeightScope& w, const Config& c, std::size_t layer)
      : ln_1(w / "ln_1", c.n_embd, c.layer_norm_epsilon),
        attn(make_attention(w / "attn", c, layer)),
        ln_2(w / "ln_2", c.n_embd, c.layer_norm_epsilon),
        mlp(make_feed_forward(w / "mlp", c)) {}

  nn::Value operator()(nn::Recorder& r, nn::Value x) const {
    x = r.add(x, attn(r, ln_1(r, x)));    // [rows, n_embd]
    return r.add(x, mlp(r, ln_2(r, x)));  // [rows, n_embd]
  }

 private:
  nn::LayerNorm ln_1;
  nn::MultiHeadAttention attn;
  nn::LayerNorm ln_2;
  nn::FeedForward mlp;
};

class LMHeadModel final : public nn::Network {
 public:
  explicit LMHeadModel(const Checkpoint& checkpoint) : config_(Config::read(checkpoint)) {
    const Config& c = config_;
    const nn::WeightScope w = checkpoint.weights / "transformer";
    wte = {w / "wte", {c.vocab_size, c.n_embd}};
    wpe = {w / "wpe", {c.n_positions, c.n_embd}};
    for (std::size_t layer = 0; layer < c.n_layer; ++layer) h.emplace_back(w / "h" / layer, c, layer);
    ln_f = {w / "ln_f", c.n_embd, c.layer_norm_epsilon};
    const bool tied =
        checkpoint.kind == FileKind::gguf ? !checkpoint.weights.has("lm_head.weight") : c.tie_word_embeddings;
    if (!tied) lm_head.emplace(checkpoint.weights / "lm_head", quant::MatrixSize{c.vocab_size, c.n_embd});
    info_ = {.kind = nn::NetworkKind::decoder,
             .vocabulary_size = c.vocab_size,
             .hidden_size = c.n_embd,
             .layers = c.n_layer,
             .heads = c.n_head,
             .context_length = c.n_positions,
             .parameters = w.tally().parameters,
             .weight_bytes = w.tally().bytes};
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override {
    return {.layers = config_.n_layer, .kv_heads = config_.n_head, .head_dim = config_.head_dim()};
  }

  void record(nn::Recorder& r, nn::ProgramRole) const override {
    nn::Value x = wpe.add_positions(r, wte.tokens(r));  // [rows, n_embd]
    for (std::size_t layer = 0; layer < h.size(); ++layer) {
      r.probe("hidden_states." + std::to_string(layer), x);
      x = h[layer](r, x);  // [rows, n_embd]
    }
    const std::string last = "hidden_states." + std::to_string(h.size());
    if (r.keeps(last)) r.probe(last, ln_f(r, x));
    x = ln_f(r, r.outputs_only(x));                                                 // [outputs, n_embd]
    r.output("logits", lm_head ? (*lm_head)(r, x) : r.linear(x, {&wte.weight()}));  // [outputs, vocabulary]
  }

 private:
  Config config_;
  nn::NetworkInfo info_;
  nn::Embedding wte, wpe;
  std::vector<Block> h;
  nn::LayerNorm ln_f;
  std::optional<nn::Linear> lm_head;
};

inline Architecture architecture() {
  return {
      .name = "gpt2",
      .hugging_face_classes = {"GPT2LMHeadModel"},
      .gguf_name = "gpt2",
      .hugging_face_names = format::TensorNaming{.to_file = {}, .optional_prefixes = {"transformer."}},
      .gguf_names =
          format::TensorNaming{.to_file = {{"transformer.wte.weight", "token_embd.weight"},
                                           {"transformer.wpe.weight", "position_embd.weight"},
                                           {"transformer.h.{i}.ln_1.weight", "blk.{i}.attn_norm.weight"},
                                           {"transformer.h.{i}.ln_1.bias", "blk.{i}.attn_norm.bias"},
                                           {"transformer.h.{i}.attn.c_attn.weight", "blk.{i}.attn_qkv.weight"},
                                           {"transformer.h.{i}.attn.c_attn.bias", "blk.{i}.attn_qkv.bias"},
                                           {"transformer.h.{i}.attn.c_proj.weight", "blk.{i}.attn_output.weight"},
                                           {"transformer.h.{i}.attn.c_proj.bias", "blk.{i}.attn_output.bias"},
                                           {"transformer.h.{i}.ln_2.weight", "blk.{i}.ffn_norm.weight"},
                                           {"transformer.h.{i}.ln_2.bias", "blk.{i}.ffn_norm.bias"},
                                           {"transformer.h.{i}.mlp.c_fc.weight", "blk.{i}.ffn_up.weight"},
                                           {"transformer.h.{i}.mlp.c_fc.bias", "blk.{i}.ffn_up.bias"},
                                           {"transformer.h.{i}.mlp.c_proj.weight", "blk.{i}.ffn_down.weight"},
                                           {"transformer.h.{i}.mlp.c_proj.bias", "blk.{i}.ffn_down.bias"},
                                           {"transformer.ln_f.weight", "output_norm.weight"},
                                           {"transformer.ln_f.bias", "output_norm.bias"},
                                           {"lm_head.weight", "output.weight"}},
                               .optional_prefixes = {}},
      .gguf_keys = format::GgufKeyMap{.keys = {{"gpt2.vocab_size", "vocab_size"},
                                               {"gpt2.context_length", "n_positions"},
                                               {"gpt2.embedding_length", "n_embd"},
                                               {"gpt2.block_count", "n_layer"},
                                               {"gpt2.feed_forward_length", "n_inner"},
                                               {"gpt2.attention.head_count", "n_head"},
                                               {"gpt2.attention.layer_norm_epsilon", "layer_norm_epsilon"}},
                                      .ignorable_patterns = {"general.*", "tokenizer.*", "quantize.imatrix.*"}},
      .ignorable_tensors = {"*.attn.bias", "*.attn.masked_bias", "lm_head.weight"},  // masks; the head's copy of wte
      .make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
        return std::make_unique<const LMHeadModel>(checkpoint);
      },
      .joins_turns_by_end_token = true};  // DialoGPT: https://arxiv.org/abs/1911.00536, section 3.1
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::gpt2
