// ALBERT: BERT whose layers share their weights, over embeddings that are narrower than the layers.
// Paper: https://arxiv.org/abs/1909.11942
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/albert/modeling_albert.py
// Held against transformers on tests/golden/albert.
// Differs from bert in: shared layers, a map from the embedding to the layers, tensors of other names, the order of two
// sentences in place of the next sentence.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/arch/bert.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::albert {

/// BERT's keys with the defaults that transformers documents for ALBERT, the width of the embeddings, and who shares:
/// the num_hidden_layers are cut into num_hidden_groups runs of neighbours, and each layer of a run is the same
/// inner_group_num blocks.
struct Config {
  bert::Config bert;
  std::size_t embedding_size, num_hidden_groups, inner_group_num;

  static Config read(const format::ConfigReader& config) {
    const auto count_or = [&](std::string_view key, std::int64_t otherwise, format::IntegerRange range) {
      return static_cast<std::size_t>(config.integer_or(key, otherwise, range));
    };
    const Config c{.bert = bert::Config::read(config, {.vocab_size = 30000,
                                                       .hidden_size = 4096,
                                                       .num_attention_heads = 64,
                                                       .intermediate_size = 16384,
                                                       .hidden_act = nn::Activation::gelu_tanh}),
                   .embedding_size = count_or("embedding_size", 128, format::k_size_range),
                   .num_hidden_groups = count_or("num_hidden_groups", 1, format::k_layer_count_range),
                   .inner_group_num = count_or("inner_group_num", 1, format::k_layer_count_range)};
    // Of the first checkpoints; no implementation reads them.
    config.ignore({"down_scale_factor", "gap_size", "net_structure_type", "num_memory_blocks"});
    if (c.blocks() > static_cast<std::size_t>(format::k_layer_count_range.maximum)) {
      config.refuse("inner_group_num", "at most 4096 blocks in num_hidden_layers layers", "check the config");
    }
    return c;
  }

  std::size_t blocks() const { return bert.num_hidden_layers * inner_group_num; }
  /// int(i / (num_hidden_layers / num_hidden_groups)) in double precision, as the reference computes it.
  std::size_t group_of(std::size_t layer) const {
    const double layers_of_group = static_cast<double>(bert.num_hidden_layers) / static_cast<double>(num_hidden_groups);
    return static_cast<std::size_t>(static_cast<double>(layer) / layers_of_group);
  }
};

/// w: "albert.encoder.albert_layer_groups.0.albert_layers.1".
inline nn::PostNormEncoderBlock<> make_block(const nn::WeightScope& w, const bert::Config& c) {
  const nn::WeightScope attention = w / "attention";
  return {.attention = nn::MultiHeadAttention{.q_proj = bert::linear(attention / "query", c.hidden_size, c.hidden_size),
                                              .k_proj = bert::linear(attention / "key", c.hidden_size, c.hidden_size),
                                              .v_proj = bert::linear(attention / "value", c.hidden_size, c.hidden_size),
                                              .o_proj = bert::linear(attention / "dense", c.hidden_size, c.hidden_size),
                                              .options = bert::attention_options(c, 0)},
          .attention_norm = {attention / "LayerNorm", c.hidden_size, c.layer_norm_eps},
          .feed_forward = nn::FeedForward{.up = bert::linear(w / "ffn", c.intermediate_size, c.hidden_size),
                                          .down = bert::linear(w / "ffn_output", c.hidden_size, c.intermediate_size),
                                          .activation = c.hidden_act},
          .feed_forward_norm = {w / "full_layer_layer_norm", c.hidden_size, c.layer_norm_eps}};
}

/// The blocks as they follow each other; those that share weights are copies that share them. A hidden state and a map
/// of attention is shown for each block, as transformers counts them. w: "albert.encoder".
inline std::vector<nn::PostNormEncoderBlock<>> make_blocks(const nn::WeightScope& w, const Config& c) {
  std::vector<std::vector<nn::PostNormEncoderBlock<>>> albert_layer_groups(c.num_hidden_groups);
  for (std::size_t group = 0; group < c.num_hidden_groups; ++group) {
    for (std::size_t inner = 0; inner < c.inner_group_num; ++inner) {
      const nn::WeightScope block = w / "albert_layer_groups" / group / "albert_layers" / inner;
      albert_layer_groups[group].push_back(make_block(block, c.bert));
    }
  }
  std::vector<nn::PostNormEncoderBlock<>> blocks;
  for (std::size_t layer = 0; layer < c.bert.num_hidden_layers; ++layer) {
    for (nn::PostNormEncoderBlock<> block : albert_layer_groups[c.group_of(layer)]) {
      block.attention.options.layer = blocks.size();
      blocks.push_back(std::move(block));
    }
  }
  return blocks;
}

/// w: "predictions".
inline nn::MaskedLanguageHead make_predictions(const nn::WeightScope& w, const Config& c,
                                               const nn::TiedEmbedding& words) {
  return {.dense = bert::linear(w / "dense", c.embedding_size, c.bert.hidden_size),
          .activation = c.bert.hidden_act,
          .norm = {w / "LayerNorm", c.embedding_size, c.bert.layer_norm_eps},
          .decoder = nn::vocabulary_decoder(w / "decoder", words, c.bert.tied())};
}

/// What the class in config.json's "architectures" has on top.
inline nn::EncoderHead make_head(const Checkpoint& checkpoint, const Config& c, const nn::TiedEmbedding& words) {
  const nn::WeightScope& w = checkpoint.weights;
  const std::string_view name = checkpoint.class_name;
  const std::size_t hidden_size = c.bert.hidden_size;
  const auto labels = [&] { return nn::read_label_count(checkpoint.config); };
  const auto classifier = [&](std::size_t outputs) { return bert::linear(w / "classifier", outputs, hidden_size); };
  const auto pooler = [&]() -> nn::SequenceSummary {
    return {.dense = bert::linear(w / "albert.pooler", hidden_size, hidden_size), .activation = nn::Activation::tanh};
  };
  if (name == "AlbertForMaskedLM") return make_predictions(w / "predictions", c, words);
  if (name == "AlbertForPreTraining") {
    return nn::PretrainingHead{.predictions = make_predictions(w / "predictions", c, words),
                               .pooler = pooler(),
                               .relationship = bert::linear(w / "sop_classifier.classifier", labels(), hidden_size),
                               .relationship_name = "sop_logits"};
  }
  if (name == "AlbertForSequenceClassification") {
    return nn::SequenceHead{.summary = pooler(), .classifier = classifier(labels())};
  }
  if (name == "AlbertForMultipleChoice") {
    return nn::SequenceHead{.head = ModelHead::multiple_choice, .summary = pooler(), .classifier = classifier(1)};
  }
  if (name == "AlbertForTokenClassification") return nn::TokenHead{classifier(labels())};
  if (name == "AlbertForQuestionAnswering") return bert::make_span_head(checkpoint, hidden_size);
  // AlbertModel. Sentence encoders are often saved without a pooler, and no key of the config says so.
  return nn::HiddenStatesHead{w.has("albert.pooler.weight") ? std::optional(pooler()) : std::nullopt};
}

inline std::unique_ptr<const nn::Network> make(const Checkpoint& checkpoint) {
  const Config c = Config::read(checkpoint.config);
  const nn::WeightScope w = checkpoint.weights / "albert", encoder = w / "encoder";
  nn::TextEncoder parts{
      .embeddings = bert::make_embeddings(w / "embeddings", c.bert, c.embedding_size),
      .projection = bert::linear(encoder / "embedding_hidden_mapping_in", c.bert.hidden_size, c.embedding_size),
      .layers = make_blocks(encoder, c)};
  parts.head = make_head(checkpoint, c, {parts.embeddings.words, w / "embeddings.word_embeddings"});
  nn::NetworkInfo info = bert::describe(c.bert, w.tally());
  info.layers = c.blocks();
  return std::make_unique<const nn::TextEncoderNetwork>(std::move(parts), info);
}

inline Architecture architecture() {
  Architecture albert{
      .name = "albert",
      .hugging_face_classes = {"AlbertModel", "AlbertForMaskedLM", "AlbertForPreTraining",
                               "AlbertForSequenceClassification", "AlbertForTokenClassification",
                               "AlbertForQuestionAnswering", "AlbertForMultipleChoice"},
      .gguf_name = "",
      .hugging_face_names =
          format::TensorNaming{.optional_prefixes = {"albert."}, .older_endings = bert::older_endings()},
      .gguf_names = {},
      .gguf_keys = {},
      // Buffers, and what a folder holds for other classes than its own, as transformers passes over them.
      .ignorable_tensors = {"albert.embeddings.position_ids", "albert.embeddings.token_type_ids", "albert.pooler.*",
                            "predictions.*", "sop_classifier.*", "classifier.*", "qa_outputs.*"},
      .make = make};
  albert.hugging_face_names.older_endings.emplace_back("predictions.decoder.bias", "predictions.bias");
  return albert;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::albert
