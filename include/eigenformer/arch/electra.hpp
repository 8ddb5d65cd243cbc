// ELECTRA: its discriminator, which says of every token whether it was replaced, and its generator, which replaces.
// Paper: https://arxiv.org/abs/2003.10555
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/electra/modeling_electra.py
// Held against transformers on tests/golden/electra.
// Differs from bert in: embeddings may be narrower than the layers, no pooler, heads that are called and made
// otherwise.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "eigenformer/arch/bert.hpp"
#include "eigenformer/nn/read_sequence_summary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::electra {

/// BERT's keys with the defaults that transformers documents for ELECTRA, and the width of the embeddings.
struct Config {
  bert::Config bert;
  std::size_t embedding_size;

  static Config read(const format::ConfigReader& config) {
    return {
        .bert = bert::Config::read(config, {.hidden_size = 256, .num_attention_heads = 4, .intermediate_size = 1024}),
        .embedding_size = static_cast<std::size_t>(config.integer_or("embedding_size", 128, format::k_size_range))};
  }
};

/// w: the whole model. The activation is GELU, whatever the layers have.
inline nn::MaskedLanguageHead make_generator(const nn::WeightScope& w, const Config& c,
                                             const nn::TiedEmbedding& words) {
  const nn::WeightScope predictions = w / "generator_predictions";
  return {.dense = bert::linear(predictions / "dense", c.embedding_size, c.bert.hidden_size),
          .activation = nn::Activation::gelu,
          .norm = {predictions / "LayerNorm", c.embedding_size, c.bert.layer_norm_eps},
          .decoder = nn::vocabulary_decoder(w / "generator_lm_head", words, c.bert.tied())};
}

/// w: "discriminator_predictions".
inline nn::ReplacedTokenHead make_discriminator(const nn::WeightScope& w, const bert::Config& c) {
  return {{.up = bert::linear(w / "dense", c.hidden_size, c.hidden_size),
           .down = bert::linear(w / "dense_prediction", 1, c.hidden_size),
           .activation = c.hidden_act}};
}

/// w: "classifier.dense". Its activation is GELU, whatever the layers have, where bert's pooler has tanh.
inline nn::SequenceSummary make_summary(const nn::WeightScope& w, std::size_t hidden_size) {
  return {.dense = bert::linear(w, hidden_size, hidden_size), .activation = nn::Activation::gelu};
}

/// What the class in config.json's "architectures" has on top.
inline nn::EncoderHead make_head(const Checkpoint& checkpoint, const Config& c, const nn::TiedEmbedding& words) {
  const format::ConfigReader& config = checkpoint.config;
  const nn::WeightScope& w = checkpoint.weights;
  const nn::WeightScope classifier = w / "classifier";
  const std::string_view name = checkpoint.class_name;
  const std::size_t hidden_size = c.bert.hidden_size;
  if (name == "ElectraForMultipleChoice") {
    return nn::SequenceHead{.head = ModelHead::multiple_choice,
                            .summary = nn::read_sequence_summary(config, w / "sequence_summary", hidden_size,
                                                                 {.type = "first", .activation = "gelu"}),
                            .classifier = bert::linear(classifier, 1, hidden_size)};
  }
  config.ignore({"summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels"});
  if (name == "ElectraForPreTraining") return make_discriminator(w / "discriminator_predictions", c.bert);
  if (name == "ElectraForMaskedLM") return make_generator(w, c, words);
  if (name == "ElectraForSequenceClassification") {
    return nn::SequenceHead{
        .summary = make_summary(classifier / "dense", hidden_size),
        .classifier = bert::linear(classifier / "out_proj", nn::read_label_count(config), hidden_size)};
  }
  if (name == "ElectraForTokenClassification") {
    return nn::TokenHead{bert::linear(classifier, nn::read_label_count(config), hidden_size)};
  }
  if (name == "ElectraForQuestionAnswering") return bert::make_span_head(checkpoint, hidden_size);
  return nn::HiddenStatesHead{};
}

inline std::unique_ptr<const nn::Network> make(const Checkpoint& checkpoint) {
  const Config c = Config::read(checkpoint.config);
  const nn::WeightScope w = checkpoint.weights / "electra";
  nn::TextEncoder encoder = bert::make_encoder(w, c.bert, c.embedding_size);
  if (c.embedding_size != c.bert.hidden_size) {
    encoder.projection = bert::linear(w / "embeddings_project", c.bert.hidden_size, c.embedding_size);
  }
  encoder.head = make_head(checkpoint, c, {encoder.embeddings.words, w / "embeddings.word_embeddings"});
  return std::make_unique<const nn::TextEncoderNetwork>(std::move(encoder), bert::describe(c.bert, w.tally()));
}

inline Architecture architecture() {
  return {.name = "electra",
          .hugging_face_classes = {"ElectraModel", "ElectraForPreTraining", "ElectraForMaskedLM",
                                   "ElectraForSequenceClassification", "ElectraForTokenClassification",
                                   "ElectraForQuestionAnswering", "ElectraForMultipleChoice"},
          .gguf_name = "",
          .hugging_face_names =
              format::TensorNaming{.optional_prefixes = {"electra."}, .older_endings = bert::older_endings()},
          .gguf_names = {},
          .gguf_keys = {},
          // Buffers, and what a folder holds for other classes than its own, as transformers passes over them.
          .ignorable_tensors = {"electra.embeddings.position_ids", "electra.embeddings.token_type_ids",
                                "discriminator_predictions.*", "generator_predictions.*", "generator_lm_head.*",
                                "sequence_summary.*", "classifier.*", "qa_outputs.*"},
          .make = make};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::electra
