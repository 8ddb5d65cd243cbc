// BERT, and the sentence encoders that are BERT (all-MiniLM and its kin). Its config, embeddings, layers and plain
// heads serve the models that were made from it (roberta.hpp, xlm_roberta.hpp, distilbert.hpp).
//
// Paper: https://arxiv.org/abs/1810.04805
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/bert/modeling_bert.py
// Held against transformers on tests/golden/bert.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/activation_name.hpp"
#include "eigenformer/nn/encoder_block.hpp"
#include "eigenformer/nn/encoder_head.hpp"
#include "eigenformer/nn/label_count.hpp"
#include "eigenformer/nn/text_encoder.hpp"
#include "eigenformer/nn/tied_linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::bert {

/// The keys of config.json, under their own names. What stands behind them here is the default that transformers
/// documents for BERT; relatives pass their own.
struct Config {
  std::size_t vocab_size = 30522, hidden_size = 768, num_hidden_layers = 12, num_attention_heads = 12;
  std::size_t intermediate_size = 3072, max_position_embeddings = 512, type_vocab_size = 2;
  nn::Activation hidden_act = nn::Activation::gelu;
  double layer_norm_eps = 1e-12;
  bool tie_word_embeddings = true;

  static Config read(const format::ConfigReader& config, const Config& defaults) {
    const auto size_or = [&](std::string_view key, std::size_t otherwise) {
      return static_cast<std::size_t>(
          config.integer_or(key, static_cast<std::int64_t>(otherwise), format::k_size_range));
    };
    Config c = defaults;
    c.vocab_size = size_or("vocab_size", defaults.vocab_size);
    c.hidden_size = size_or("hidden_size", defaults.hidden_size);
    c.num_hidden_layers = static_cast<std::size_t>(config.integer_or(
        "num_hidden_layers", static_cast<std::int64_t>(defaults.num_hidden_layers), format::k_layer_count_range));
    c.num_attention_heads = size_or("num_attention_heads", defaults.num_attention_heads);
    c.intermediate_size = size_or("intermediate_size", defaults.intermediate_size);
    c.max_position_embeddings = size_or("max_position_embeddings", defaults.max_position_embeddings);
    c.type_vocab_size = size_or("type_vocab_size", defaults.type_vocab_size);
    if (config.has("hidden_act")) c.hidden_act = nn::read_activation(config, "hidden_act", "");
    c.layer_norm_eps = config.number_or("layer_norm_eps", defaults.layer_norm_eps, format::k_positive);
    c.tie_word_embeddings = config.flag_or("tie_word_embeddings", defaults.tie_word_embeddings);
    config.must_equal("is_decoder", false, "this architecture is run as an encoder");
    config.must_equal("add_cross_attention", false, "this architecture is run as an encoder");
    config.must_equal("position_embedding_type", "absolute", "positions are a table here");
    // The first checkpoints describe a pooler that no implementation has.
    config.ignore({"directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
                   "pooler_size_per_head", "pooler_type"});
    if (c.hidden_size % c.num_attention_heads != 0) {
      config.refuse("num_attention_heads", "a divisor of hidden_size", "check the config");
    }
    return c;
  }

  std::size_t head_dim() const { return hidden_size / num_attention_heads; }
  nn::Tied tied() const { return tie_word_embeddings ? nn::Tied::yes : nn::Tied::no; }
};

/// Scales and shapes of a layer's attention, which sees the whole text.
inline nn::AttentionOptions attention_options(const Config& c, std::size_t layer) {
  return {.heads = c.num_attention_heads,
          .kv_heads = c.num_attention_heads,
          .head_dim = c.head_dim(),
          .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(c.head_dim()))),
          .visibility = nn::Visibility::bidirectional,
          .layer = layer,
          .cache_layer = 0};
}

/// w: "embeddings".
inline nn::TextEmbeddings make_embeddings(const nn::WeightScope& w, const Config& c, std::size_t embedding_size) {
  return {.words = {w / "word_embeddings", {c.vocab_size, embedding_size}},
          .segments = nn::Embedding(w / "token_type_embeddings", {c.type_vocab_size, embedding_size}),
          .positions = nn::Embedding(w / "position_embeddings", {c.max_position_embeddings, embedding_size}),
          .norm = {w / "LayerNorm", embedding_size, c.layer_norm_eps}};
}

/// w: "encoder.layer.3".
inline nn::PostNormEncoderBlock<> make_layer(const nn::WeightScope& w, const Config& c, std::size_t layer) {
  const nn::WeightScope attention = w / "attention";
  const quant::MatrixSize square{c.hidden_size, c.hidden_size};
  return {.attention = nn::MultiHeadAttention{.q_proj = {attention / "self.query", square, nn::Bias::yes},
                                              .k_proj = {attention / "self.key", square, nn::Bias::yes},
                                              .v_proj = {attention / "self.value", square, nn::Bias::yes},
                                              .o_proj = {attention / "output.dense", square, nn::Bias::yes},
                                              .options = attention_options(c, layer)},
          .attention_norm = {attention / "output.LayerNorm", c.hidden_size, c.layer_norm_eps},
          .feed_forward =
              nn::FeedForward{.up = {w / "intermediate.dense", {c.intermediate_size, c.hidden_size}, nn::Bias::yes},
                              .down = {w / "output.dense", {c.hidden_size, c.intermediate_size}, nn::Bias::yes},
                              .activation = c.hidden_act},
          .feed_forward_norm = {w / "output.LayerNorm", c.hidden_size, c.layer_norm_eps}};
}

inline nn::Linear linear(const nn::WeightScope& w, std::size_t outputs, std::size_t inner) {
  return {w, {outputs, inner}, nn::Bias::yes};
}

/// w: "bert.pooler".
inline nn::SequenceSummary make_pooler(const nn::WeightScope& w, const Config& c) {
  return {.dense = linear(w / "dense", c.hidden_size, c.hidden_size), .activation = nn::Activation::tanh};
}

/// w: "cls.predictions".
inline nn::MaskedLanguageHead make_predictions(const nn::WeightScope& w, const Config& c,
                                               const nn::TiedEmbedding& words) {
  return {.dense = linear(w / "transform.dense", c.hidden_size, c.hidden_size),
          .activation = c.hidden_act,
          .norm = {w / "transform.LayerNorm", c.hidden_size, c.layer_norm_eps},
          .decoder = nn::vocabulary_decoder(w / "decoder", words, c.tied())};
}

/// "qa_outputs", which is the same in all relatives.
inline nn::SpanHead make_span_head(const Checkpoint& checkpoint, std::size_t hidden_size) {
  if (nn::read_label_count(checkpoint.config) != 2) {
    checkpoint.config.refuse("num_labels", "2 labels, the start and the end of an answer", "check the config");
  }
  return {checkpoint.weights / "qa_outputs", hidden_size};
}

/// What the class in config.json's "architectures" has on top.
inline nn::EncoderHead make_head(const Checkpoint& checkpoint, const Config& c, const nn::TiedEmbedding& words) {
  const nn::WeightScope& w = checkpoint.weights;
  const std::string_view name = checkpoint.class_name;
  const auto pooler = [&] { return make_pooler(w / "bert.pooler", c); };
  const auto labels = [&] { return nn::read_label_count(checkpoint.config); };
  const auto classifier = [&](std::size_t outputs) { return linear(w / "classifier", outputs, c.hidden_size); };
  const auto relationship = [&] { return linear(w / "cls.seq_relationship", 2, c.hidden_size); };
  if (name == "BertForMaskedLM") return make_predictions(w / "cls.predictions", c, words);
  if (name == "BertForPreTraining") {
    return nn::PretrainingHead{.predictions = make_predictions(w / "cls.predictions", c, words),
                               .pooler = pooler(),
                               .relationship = relationship(),
                               .relationship_name = "seq_relationship_logits"};
  }
  if (name == "BertForNextSentencePrediction") {
    return nn::SequenceHead{.head = ModelHead::next_sentence, .summary = pooler(), .classifier = relationship()};
  }
  if (name == "BertForSequenceClassification") {
    return nn::SequenceHead{.summary = pooler(), .classifier = classifier(labels())};
  }
  if (name == "BertForMultipleChoice") {
    return nn::SequenceHead{.head = ModelHead::multiple_choice, .summary = pooler(), .classifier = classifier(1)};
  }
  if (name == "BertForTokenClassification") return nn::TokenHead{classifier(labels())};
  if (name == "BertForQuestionAnswering") return make_span_head(checkpoint, c.hidden_size);
  // BertModel. Sentence encoders are often saved without a pooler, and no key of the config says so.
  return nn::HiddenStatesHead{w.has("bert.pooler.dense.weight") ? std::optional(pooler()) : std::nullopt};
}

/// Embeddings and layers, without a head. w: "bert".
inline nn::TextEncoder make_encoder(const nn::WeightScope& w, const Config& c, std::size_t embedding_size) {
  nn::TextEncoder encoder{.embeddings = make_embeddings(w / "embeddings", c, embedding_size)};
  for (std::size_t i = 0; i < c.num_hidden_layers; ++i) {
    encoder.layers.push_back(make_layer(w / "encoder.layer" / i, c, i));
  }
  return encoder;
}

/// What a model of this family tells of itself.
inline nn::NetworkInfo describe(const Config& c, const nn::WeightTally& tally) {
  return {.vocabulary_size = c.vocab_size,
          .hidden_size = c.hidden_size,
          .layers = c.num_hidden_layers,
          .heads = c.num_attention_heads,
          .context_length = c.max_position_embeddings,
          .token_types = c.type_vocab_size,
          .parameters = tally.parameters,
          .weight_bytes = tally.bytes};
}

inline std::unique_ptr<const nn::Network> make(const Checkpoint& checkpoint) {
  const Config c = Config::read(checkpoint.config, {});
  const nn::WeightScope w = checkpoint.weights / "bert";
  nn::TextEncoder encoder = make_encoder(w, c, c.hidden_size);
  encoder.head = make_head(checkpoint, c, {encoder.embeddings.words, w / "embeddings.word_embeddings"});
  return std::make_unique<const nn::TextEncoderNetwork>(std::move(encoder), describe(c, w.tally()));
}

/// How checkpoints of this family were named before PyTorch's own names.
inline std::vector<std::pair<std::string, std::string>> older_endings() {
  return {{"LayerNorm.weight", "LayerNorm.gamma"}, {"LayerNorm.bias", "LayerNorm.beta"}};
}

inline Architecture architecture() {
  Architecture bert{
      .name = "bert",
      .hugging_face_classes = {"BertModel", "BertForMaskedLM", "BertForPreTraining", "BertForNextSentencePrediction",
                               "BertForSequenceClassification", "BertForTokenClassification",
                               "BertForQuestionAnswering", "BertForMultipleChoice"},
      .gguf_name = "",
      .hugging_face_names = format::TensorNaming{.optional_prefixes = {"bert."}, .older_endings = older_endings()},
      .gguf_names = {},
      .gguf_keys = {},
      // Buffers, and what a folder holds for other classes than its own, as transformers passes over them.
      .ignorable_tensors = {"bert.embeddings.position_ids", "bert.embeddings.token_type_ids", "bert.pooler.*", "cls.*",
                            "classifier.*", "qa_outputs.*"},
      .make = make};
  bert.hugging_face_names.older_endings.emplace_back("predictions.decoder.bias", "predictions.bias");
  return bert;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::bert
