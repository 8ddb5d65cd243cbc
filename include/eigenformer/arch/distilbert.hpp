// DistilBERT: BERT with half the layers, distilled.
// Paper: https://arxiv.org/abs/1910.01108
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/distilbert/modeling_distilbert.py
// Held against transformers on tests/golden/distilbert.
// Differs from bert in: keys and tensors of other names, no token types, no pooler, positions that may be sinusoids.
#pragma once

#include <cmath>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/arch/bert.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::distilbert {

/// The keys of config.json, under their own names, with the defaults that transformers documents.
struct Config {
  std::size_t vocab_size, max_position_embeddings, n_layers, n_heads, dim, hidden_dim;
  nn::Activation activation;
  bool sinusoidal_pos_embds, tie_word_embeddings;
  static constexpr double layer_norm_eps = 1e-12;  ///< not a key

  static Config read(const format::ConfigReader& config) {
    const auto size_or = [&](std::string_view key, std::int64_t otherwise) {
      return static_cast<std::size_t>(config.integer_or(key, otherwise, format::k_size_range));
    };
    Config c{};
    c.vocab_size = size_or("vocab_size", 30522);
    c.max_position_embeddings = size_or("max_position_embeddings", 512);
    c.n_layers = static_cast<std::size_t>(config.integer_or("n_layers", 6, format::k_layer_count_range));
    c.n_heads = size_or("n_heads", 12);
    c.dim = size_or("dim", 768);
    c.hidden_dim = size_or("hidden_dim", 3072);
    c.activation = nn::read_activation(config, "activation", "gelu");
    c.sinusoidal_pos_embds = config.flag_or("sinusoidal_pos_embds", false);
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", true);
    config.ignore({"tie_weights_"});  // of the first checkpoints; tie_word_embeddings decides
    if (c.dim % c.n_heads != 0) config.refuse("n_heads", "a divisor of dim", "check the config");
    return c;
  }

  nn::Tied tied() const { return tie_word_embeddings ? nn::Tied::yes : nn::Tied::no; }
};

/// w: "transformer.layer.3".
inline nn::PostNormEncoderBlock<> make_layer(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  const nn::WeightScope attention = w / "attention";
  const std::size_t head_dim = c.dim / c.n_heads;
  return {.attention =
              nn::MultiHeadAttention{
                  .q_proj = bert::linear(attention / "q_lin", c.dim, c.dim),
                  .k_proj = bert::linear(attention / "k_lin", c.dim, c.dim),
                  .v_proj = bert::linear(attention / "v_lin", c.dim, c.dim),
                  .o_proj = bert::linear(attention / "out_lin", c.dim, c.dim),
                  .options =
                      nn::AttentionOptions{.heads = c.n_heads,
                                           .kv_heads = c.n_heads,
                                           .head_dim = head_dim,
                                           .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_dim))),
                                           .visibility = nn::Visibility::bidirectional,
                                           .layer = layer,
                                           .cache_layer = 0}},
          .attention_norm = {w / "sa_layer_norm", c.dim, c.layer_norm_eps},
          .feed_forward = nn::FeedForward{.up = bert::linear(w / "ffn.lin1", c.hidden_dim, c.dim),
                                          .down = bert::linear(w / "ffn.lin2", c.dim, c.hidden_dim),
                                          .activation = c.activation},
          .feed_forward_norm = {w / "output_layer_norm", c.dim, c.layer_norm_eps}};
}

/// What the class in config.json's "architectures" has on top.
inline nn::EncoderHead make_head(const Checkpoint& checkpoint, const Config& c, const nn::TiedEmbedding& words) {
  const nn::WeightScope& w = checkpoint.weights;
  const std::string_view name = checkpoint.class_name;
  const auto labels = [&] { return nn::read_label_count(checkpoint.config); };
  const auto classifier = [&](std::size_t outputs) { return bert::linear(w / "classifier", outputs, c.dim); };
  const auto summary = [&]() -> nn::SequenceSummary {
    return {.dense = bert::linear(w / "pre_classifier", c.dim, c.dim), .activation = nn::Activation::relu};
  };
  if (name == "DistilBertForMaskedLM") {
    return nn::MaskedLanguageHead{.dense = bert::linear(w / "vocab_transform", c.dim, c.dim),
                                  .activation = c.activation,
                                  .norm = {w / "vocab_layer_norm", c.dim, c.layer_norm_eps},
                                  .decoder = nn::vocabulary_decoder(w / "vocab_projector", words, c.tied())};
  }
  if (name == "DistilBertForSequenceClassification") {
    return nn::SequenceHead{.summary = summary(), .classifier = classifier(labels())};
  }
  if (name == "DistilBertForMultipleChoice") {
    return nn::SequenceHead{.head = ModelHead::multiple_choice, .summary = summary(), .classifier = classifier(1)};
  }
  if (name == "DistilBertForTokenClassification") return nn::TokenHead{classifier(labels())};
  if (name == "DistilBertForQuestionAnswering") return bert::make_span_head(checkpoint, c.dim);
  return nn::HiddenStatesHead{};
}

/// w: "distilbert.embeddings". Sinusoids are what the table of positions starts as; where a file has the table, it
/// counts.
inline nn::TextEmbeddings make_embeddings(const nn::WeightScope& w, const Config& c) {
  nn::TextEmbeddings embeddings{.words = {w / "word_embeddings", {c.vocab_size, c.dim}},
                                .segments = {},
                                .positions = {},
                                .norm = {w / "LayerNorm", c.dim, c.layer_norm_eps}};
  if (!c.sinusoidal_pos_embds || w.has("position_embeddings.weight")) {
    embeddings.positions = nn::Embedding(w / "position_embeddings", {c.max_position_embeddings, c.dim});
  }
  return embeddings;
}

inline std::unique_ptr<const nn::Network> make(const Checkpoint& checkpoint) {
  const Config c = Config::read(checkpoint.config);
  const nn::WeightScope w = checkpoint.weights / "distilbert";
  nn::TextEncoder encoder{.embeddings = make_embeddings(w / "embeddings", c)};
  for (std::size_t i = 0; i < c.n_layers; ++i) encoder.layers.push_back(make_layer(w / "transformer.layer" / i, c, i));
  encoder.head = make_head(checkpoint, c, {encoder.embeddings.words, w / "embeddings.word_embeddings"});
  const nn::NetworkInfo info{.vocabulary_size = c.vocab_size,
                             .hidden_size = c.dim,
                             .layers = c.n_layers,
                             .heads = c.n_heads,
                             .context_length = c.max_position_embeddings,
                             .parameters = w.tally().parameters,
                             .weight_bytes = w.tally().bytes};
  return std::make_unique<const nn::TextEncoderNetwork>(std::move(encoder), info);
}

inline Architecture architecture() {
  return {.name = "distilbert",
          .hugging_face_classes = {"DistilBertModel", "DistilBertForMaskedLM", "DistilBertForSequenceClassification",
                                   "DistilBertForTokenClassification", "DistilBertForQuestionAnswering",
                                   "DistilBertForMultipleChoice"},
          .gguf_name = "",
          .hugging_face_names =
              format::TensorNaming{.optional_prefixes = {"distilbert."}, .older_endings = bert::older_endings()},
          .gguf_names = {},
          .gguf_keys = {},
          // Buffers, and what a folder holds for other classes than its own, as transformers passes over them.
          .ignorable_tensors = {"distilbert.embeddings.position_ids", "vocab_*", "pre_classifier.*", "classifier.*",
                                "qa_outputs.*"},
          .make = make};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::distilbert
