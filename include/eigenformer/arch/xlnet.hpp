// XLNet: an encoder that has learned to predict tokens in any order, by a second stream of rows that know where they
// stand but not which token stands there.
//
// Paper: https://arxiv.org/abs/1906.08237
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/xlnet/modeling_xlnet.py
// Differs from bert in: positions and segments go into the scores, by distance; no pooler of its own; segments of a
// text may follow each other over a memory (forward.hpp, ForwardOptions::memory).
// Held against transformers on tests/golden/xlnet.
#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/activation_name.hpp"
#include "eigenformer/nn/encoder_head.hpp"
#include "eigenformer/nn/label_count.hpp"
#include "eigenformer/nn/positions/half_sinusoidal.hpp"
#include "eigenformer/nn/read_sequence_summary.hpp"
#include "eigenformer/nn/relative_attention.hpp"
#include "eigenformer/nn/tied_linear.hpp"
#include "eigenformer/nn/two_streams.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::xlnet {

/// Ids that token types may have: of two texts, [CLS], [SEP] and padding in the paper's code. They are only compared.
inline constexpr std::size_t k_token_types = 5;

/// The keys of config.json, under their own names, with the defaults that transformers documents.
struct Config {
  std::size_t vocab_size = 32000, d_model = 1024, n_layer = 24, n_head = 16, d_inner = 4096;
  nn::Activation ff_activation = nn::Activation::gelu;
  double layer_norm_eps = 1e-12;
  std::size_t mem_len = 512, reuse_len = 0;  ///< 0: all
  std::int32_t clamp_len = -1;               ///< not above 0: none
  bool is_causal = false, same_length = false;
  bool tie_word_embeddings = true;

  static Config read(const format::ConfigReader& config) {
    const auto size_or = [&](std::string_view key, std::size_t otherwise, format::IntegerRange range) {
      return static_cast<std::size_t>(config.integer_or(key, static_cast<std::int64_t>(otherwise), range));
    };
    Config c;
    c.vocab_size = size_or("vocab_size", c.vocab_size, format::k_size_range);
    c.d_model = size_or("d_model", c.d_model, format::k_size_range);
    c.n_layer = size_or("n_layer", c.n_layer, format::k_layer_count_range);
    c.n_head = size_or("n_head", c.n_head, format::k_size_range);
    c.d_inner = size_or("d_inner", c.d_inner, format::k_size_range);
    c.ff_activation = nn::read_activation(config, "ff_activation", "gelu");
    c.layer_norm_eps = config.number_or("layer_norm_eps", c.layer_norm_eps, format::k_positive);
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", true);
    c.read_visibility(config);
    if (c.d_model % c.n_head != 0) config.refuse("n_head", "a divisor of d_model", "check the config");
    if (c.d_model % 2 != 0) config.refuse("d_model", "an even number: sines and cosines", "check the config");
    config.must_equal("d_head", static_cast<std::int64_t>(c.head_dim()), "it is d_model / n_head");
    config.must_equal("n_token", static_cast<std::int64_t>(c.vocab_size), "it is vocab_size by its older name");
    // untie_r: checkpoints hold the biases of every layer, equal where they were one. The others are about training,
    // what a call returns, and the beams of XLNetForQuestionAnswering.
    config.ignore({"untie_r", "use_mems_eval", "use_mems_train", "init", "init_range", "start_n_top", "end_n_top",
                   "max_position_embeddings"});
    // Of the heads that look at one row: nn::read_sequence_summary.
    config.ignore({"summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels"});
    return c;
  }

  std::size_t head_dim() const { return d_model / n_head; }
  nn::SegmentRules rules() const { return {is_causal, same_length, mem_len, reuse_len}; }
  nn::Visibility visibility() const {
    if (!is_causal) return nn::Visibility::bidirectional;
    return same_length ? nn::Visibility::causal_span : nn::Visibility::causal;
  }

 private:
  void read_visibility(const format::ConfigReader& config) {
    config.must_be_one_of("attn_type", {"bi", "uni"}, "there are no others");
    is_causal = config.text_or("attn_type", "bi") == "uni";
    config.must_equal("bi_data", false, "texts are not read backwards here");
    same_length = config.flag_or("same_length", false);
    clamp_len = static_cast<std::int32_t>(config.integer_or("clamp_len", -1, {-1, 1 << 24}));
    const std::size_t documented = config.is_null("mem_len") ? 0 : mem_len;
    mem_len =
        static_cast<std::size_t>(config.integer_or("mem_len", static_cast<std::int64_t>(documented), {0, 1 << 24}));
    reuse_len = static_cast<std::size_t>(config.integer_or("reuse_len", 0, {0, 1 << 24}));
  }
};

/// "layer.3".
struct Layer {
  nn::RelativeAttention rel_attn;
  nn::LayerNorm rel_attn_layer_norm;
  nn::FeedForward ff;
  nn::LayerNorm ff_layer_norm;

  nn::Value operator()(nn::Recorder& r, nn::Value x, nn::Value sinusoids) const {
    x = rel_attn_layer_norm(r, r.add(x, rel_attn(r, x, sinusoids)));  // [rows, d_model]
    return ff_layer_norm(r, r.add(x, ff(r, x)));                      // [rows, d_model]
  }
};

/// The first or second half of a tensor [2, n_head, d_head].
inline std::vector<float> half_of(const std::vector<float>& both, std::size_t half) {
  const auto middle = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
  return half == 0 ? std::vector<float>(both.begin(), middle) : std::vector<float>(middle, both.end());
}

/// w: "layer.3.rel_attn".
inline nn::RelativeAttention make_attention(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  const auto model = static_cast<std::int64_t>(c.d_model), heads = static_cast<std::int64_t>(c.n_head);
  const auto size = static_cast<std::int64_t>(c.head_dim());
  const auto matrix = [&](std::string_view name, nn::FileLayout layout) {
    return nn::Linear(w.matrix(name, {model, heads, size}, {c.d_model, c.d_model}, layout), {});
  };
  const auto vectors = [&](std::string_view name) { return w.values(name, {heads, size}); };
  const std::vector<float> seg_embed = w.values("seg_embed", {2, heads, size});
  return nn::RelativeAttention(
      {.q_proj = matrix("q", nn::FileLayout::inner_first),
       .k_proj = matrix("k", nn::FileLayout::inner_first),
       .v_proj = matrix("v", nn::FileLayout::inner_first),
       .r_proj = matrix("r", nn::FileLayout::inner_first),
       .o_proj = matrix("o", nn::FileLayout::outputs_first),
       .vectors = nn::RelativeVectors{.content_bias = vectors("r_w_bias"),
                                      .position_bias = vectors("r_r_bias"),
                                      .segment_bias = vectors("r_s_bias"),
                                      .same_segment = half_of(seg_embed, 0),
                                      .other_segment = half_of(seg_embed, 1)},
       .options = nn::AttentionOptions{.heads = c.n_head,
                                       .kv_heads = c.n_head,
                                       .head_dim = c.head_dim(),
                                       .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(c.head_dim()))),
                                       .visibility = c.visibility(),
                                       .layer = layer,
                                       .cache_layer = layer}});
}

inline nn::Linear linear(const nn::WeightScope& w, std::size_t outputs, std::size_t inner) {
  return {w, {outputs, inner}, nn::Bias::yes};
}

/// w: "layer.3".
inline Layer make_layer(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  return {.rel_attn = make_attention(w / "rel_attn", c, layer),
          .rel_attn_layer_norm = {w / "rel_attn.layer_norm", c.d_model, c.layer_norm_eps},
          .ff = nn::FeedForward{.up = linear(w / "ff.layer_1", c.d_inner, c.d_model),
                                .down = linear(w / "ff.layer_2", c.d_model, c.d_inner),
                                .activation = c.ff_activation},
          .ff_layer_norm = {w / "ff.layer_norm", c.d_model, c.layer_norm_eps}};
}

/// "qa_outputs".
inline nn::SpanHead make_span_head(const Checkpoint& checkpoint, const Config& c) {
  if (nn::read_label_count(checkpoint.config) != 2) {
    checkpoint.config.refuse("num_labels", "2 labels, the start and the end of an answer", "check the config");
  }
  return {checkpoint.weights / "qa_outputs", c.d_model};
}

/// What the class in config.json's "architectures" has on top, but for XLNetLMHeadModel.
inline nn::EncoderHead make_head(const Checkpoint& checkpoint, const Config& c) {
  const nn::WeightScope& w = checkpoint.weights;
  const std::string_view name = checkpoint.class_name;
  const auto labels = [&] { return nn::read_label_count(checkpoint.config); };
  const auto summary = [&] {
    return nn::read_sequence_summary(checkpoint.config, w / "sequence_summary", c.d_model,
                                     {.type = "last", .activation = "tanh"});
  };
  const auto logits_proj = [&](std::size_t outputs) { return linear(w / "logits_proj", outputs, c.d_model); };
  if (name == "XLNetForSequenceClassification") {
    return nn::SequenceHead{.summary = summary(), .classifier = logits_proj(labels())};
  }
  if (name == "XLNetForMultipleChoice") {
    return nn::SequenceHead{.head = ModelHead::multiple_choice, .summary = summary(), .classifier = logits_proj(1)};
  }
  if (name == "XLNetForTokenClassification") return nn::TokenHead{linear(w / "classifier", labels(), c.d_model)};
  if (name == "XLNetForQuestionAnsweringSimple") return make_span_head(checkpoint, c);
  return nn::HiddenStatesHead{};
}

/// w: "lm_loss".
inline nn::Linear make_lm_loss(const nn::WeightScope& w, const Config& c, const nn::TiedEmbedding& words) {
  std::vector<float> bias = w.vector("bias", c.vocab_size);
  if (c.tie_word_embeddings) return nn::tied_linear(w, words, std::move(bias));
  return {w.matrix("weight", {c.vocab_size, c.d_model}), std::move(bias)};
}

class Encoder final : public nn::Network {
 public:
  explicit Encoder(const Checkpoint& checkpoint) : config_(Config::read(checkpoint.config)) {
    const Config& c = config_;
    const nn::WeightScope w = checkpoint.weights / "transformer";
    word_embedding = {w / "word_embedding", {c.vocab_size, c.d_model}};
    mask_emb = w.values("mask_emb", {1, 1, static_cast<std::int64_t>(c.d_model)});
    positions = nn::HalfSinusoidal::of_the_paper(c.d_model);
    for (std::size_t i = 0; i < c.n_layer; ++i) layer.push_back(make_layer(w / "layer" / i, c, i));
    if (checkpoint.class_name == "XLNetLMHeadModel") {
      lm_loss = make_lm_loss(checkpoint.weights / "lm_loss", c, {word_embedding, w / "word_embedding"});
    } else {
      head = make_head(checkpoint, c);
    }
    info_ = {.kind = nn::NetworkKind::encoder,
             .head = lm_loss ? ModelHead::language_model : nn::kind_of(head),
             .vocabulary_size = c.vocab_size,
             .hidden_size = c.d_model,
             .layers = c.n_layer,
             .heads = c.n_head,
             .context_length = k_unlimited_context,
             .token_types = k_token_types,
             .segments = c.rules(),
             .parameters = w.tally().parameters,
             .weight_bytes = w.tally().bytes};
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override {
    return {.layers = config_.n_layer, .kv_heads = config_.n_head, .head_dim = config_.head_dim()};
  }

  void record(nn::Recorder& r, nn::ProgramRole) const override {
    nn::Value x = nn::two_stream_tokens(r, word_embedding, mask_emb);          // [rows, d_model]
    const nn::Value sinusoids = positions.of_distances(r, config_.clamp_len);  // [distances, d_model]
    for (std::size_t i = 0; i < layer.size(); ++i) {
      r.probe("hidden_states." + std::to_string(i), x);
      x = layer[i](r, x, sinusoids);  // [rows, d_model]
    }
    r.probe("hidden_states." + std::to_string(layer.size()), x);
    x = r.outputs_only(x);  // [outputs, d_model]
    if (!lm_loss) return nn::record_head(r, head, x);
    r.output("logits", (*lm_loss)(r, x));  // [outputs, vocab_size]
  }

 private:
  Config config_;
  nn::NetworkInfo info_;
  nn::Embedding word_embedding;
  std::vector<float> mask_emb;
  nn::HalfSinusoidal positions;
  std::vector<Layer> layer;
  nn::EncoderHead head;
  std::optional<nn::Linear> lm_loss;
};

inline Architecture architecture() {
  return {.name = "xlnet",
          .hugging_face_classes = {"XLNetModel", "XLNetLMHeadModel", "XLNetForSequenceClassification",
                                   "XLNetForTokenClassification", "XLNetForQuestionAnsweringSimple",
                                   "XLNetForMultipleChoice"},
          .gguf_name = "",
          .hugging_face_names = format::TensorNaming{.to_file = {}, .optional_prefixes = {"transformer."}},
          .gguf_names = {},
          .gguf_keys = {},
          // What a folder holds for other classes than its own, as transformers passes over it.
          .ignorable_tensors = {"lm_loss.*", "sequence_summary.*", "logits_proj.*", "classifier.*", "qa_outputs.*"},
          .make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
            return std::make_unique<const Encoder>(checkpoint);
          }};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::xlnet
