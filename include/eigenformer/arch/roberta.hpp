// RoBERTa. XLM-RoBERTa is the same network under other names (xlm_roberta.hpp).
// Paper: https://arxiv.org/abs/1907.11692
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/roberta/modeling_roberta.py Held
// against transformers on tests/golden/roberta. Differs from bert in: positions begin after the padding token's and
// skip it, heads that are called and made otherwise, no pretraining on pairs of sentences.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/arch/bert.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::roberta {

/// BERT's keys, and the token whose id says where positions begin.
struct Config {
  bert::Config bert;
  std::size_t pad_token_id;

  static Config read(const format::ConfigReader& config, const bert::Config& defaults) {
    Config c{.bert = bert::Config::read(config, defaults),
             .pad_token_id = static_cast<std::size_t>(config.integer_or("pad_token_id", 1, {0, 1 << 24}))};
    if (c.pad_token_id + 1 >= c.bert.max_position_embeddings || c.pad_token_id >= c.bert.vocab_size) {
      config.refuse("pad_token_id", "a token of the vocabulary, with positions left after it", "check the config");
    }
    return c;
  }

  std::size_t first_position() const { return pad_token_id + 1; }
};

/// w: "lm_head". Its activation is GELU, whatever the layers have.
inline nn::MaskedLanguageHead make_lm_head(const nn::WeightScope& w, const bert::Config& c,
                                           const nn::TiedEmbedding& words) {
  return {.dense = bert::linear(w / "dense", c.hidden_size, c.hidden_size),
          .activation = nn::Activation::gelu,
          .norm = {w / "layer_norm", c.hidden_size, c.layer_norm_eps},
          .decoder = bert::make_decoder(w, c, words)};
}

/// What the class has on top; `task` is its name without that of the model: "ForMaskedLM".
inline nn::EncoderHead make_head(const Checkpoint& checkpoint, std::string_view task, const bert::Config& c,
                                 const nn::TiedEmbedding& words) {
  const nn::WeightScope& w = checkpoint.weights;
  const nn::WeightScope classifier = w / "classifier";
  const auto labels = [&] { return nn::read_label_count(checkpoint.config); };
  const auto pooler = [&] { return bert::make_pooler(w / "roberta.pooler", c); };
  if (task == "ForMaskedLM") return make_lm_head(w / "lm_head", c, words);
  if (task == "ForSequenceClassification") {
    return nn::SequenceHead{.summary = bert::make_pooler(classifier, c),
                            .classifier = bert::linear(classifier / "out_proj", labels(), c.hidden_size)};
  }
  if (task == "ForMultipleChoice") {
    return nn::SequenceHead{.head = ModelHead::multiple_choice,
                            .summary = pooler(),
                            .classifier = bert::linear(classifier, 1, c.hidden_size)};
  }
  if (task == "ForTokenClassification") return nn::TokenHead{bert::linear(classifier, labels(), c.hidden_size)};
  if (task == "ForQuestionAnswering") return bert::make_span_head(checkpoint, c.hidden_size);
  return nn::HiddenStatesHead{w.has("roberta.pooler.dense.weight") ? std::optional(pooler()) : std::nullopt};
}

class Encoder final : public nn::Network {
 public:
  Encoder(const Checkpoint& checkpoint, std::string_view task, const bert::Config& defaults)
      : config_(Config::read(checkpoint.config, defaults)) {
    const bert::Config& c = config_.bert;
    const nn::WeightScope w = checkpoint.weights / "roberta";
    embeddings = bert::make_embeddings(w / "embeddings", c, c.hidden_size);
    for (std::size_t i = 0; i < c.num_hidden_layers; ++i) {
      layer.push_back(bert::make_layer(w / "encoder.layer" / i, c, i));
    }
    head = make_head(checkpoint, task, c, {embeddings.words, w / "embeddings.word_embeddings"});
    info_ = bert::describe(c, head, w.tally());
    info_.context_length = c.max_position_embeddings - config_.first_position();
  }

  const nn::NetworkInfo& info() const override { return info_; }
  nn::CacheLayout cache_layout() const override { return bert::cache_layout(config_.bert); }

  /// Tokens are counted from after the padding token's id on; padding stands at its own id and is not counted.
  /// create_position_ids_from_input_ids in the reference.
  void place_rows(std::span<nn::Row> rows, nn::ProgramRole) const override {
    const auto pad = static_cast<std::int32_t>(config_.pad_token_id);
    std::int32_t counted = 0;
    for (std::size_t index = 0; index < rows.size(); ++index) {
      nn::Row& row = rows[index];
      if (index > 0 && rows[index - 1].sequence != row.sequence) counted = 0;
      const bool is_padding = row.vector == nullptr && row.token == pad;
      row.position = is_padding ? pad : pad + ++counted;
    }
  }

  void record(nn::Recorder& r, nn::ProgramRole) const override {
    nn::Value x = embeddings(r);          // [rows, hidden]
    x = nn::record_encoder(r, layer, x);  // [rows, hidden]
    nn::record_head(r, head, x);
  }

 private:
  Config config_;
  nn::NetworkInfo info_;
  nn::TextEmbeddings embeddings;
  std::vector<nn::PostNormEncoderBlock<>> layer;
  nn::EncoderHead head;
};

inline format::TensorNaming names() {
  format::TensorNaming names{.optional_prefixes = {"roberta."}, .older_endings = bert::older_endings()};
  names.older_endings.emplace_back("lm_head.decoder.bias", "lm_head.bias");
  return names;
}

/// Buffers, and what a folder holds for other classes than its own, as transformers passes over them.
inline std::vector<std::string_view> ignorable_tensors() {
  return {"roberta.embeddings.position_ids",
          "roberta.embeddings.token_type_ids",
          "roberta.pooler.*",
          "lm_head.*",
          "classifier.*",
          "qa_outputs.*"};
}

inline Architecture architecture() {
  return {.name = "roberta",
          .hugging_face_classes = {"RobertaModel", "RobertaForMaskedLM", "RobertaForSequenceClassification",
                                   "RobertaForTokenClassification", "RobertaForQuestionAnswering",
                                   "RobertaForMultipleChoice"},
          .gguf_name = "",
          .hugging_face_names = names(),
          .gguf_names = {},
          .gguf_keys = {},
          .ignorable_tensors = ignorable_tensors(),
          .make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
            constexpr std::string_view prefix = "Roberta";
            const std::string_view task = std::string_view(checkpoint.class_name).substr(prefix.size());
            return std::make_unique<const Encoder>(checkpoint, task, bert::Config{.vocab_size = 50265});
          }};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::roberta
