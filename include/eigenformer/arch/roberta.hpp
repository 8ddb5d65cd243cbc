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
          .decoder = nn::vocabulary_decoder(w / "decoder", words, c.tied())};
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

class Encoder final : public nn::TextEncoderNetwork {
 public:
  Encoder(nn::TextEncoder encoder, const nn::NetworkInfo& info, std::int32_t pad_token_id)
      : TextEncoderNetwork(std::move(encoder), info), pad_token_id_(pad_token_id) {}

  /// Tokens are counted from after the padding token's id on; padding stands at its own id and is not counted.
  /// create_position_ids_from_input_ids in the reference.
  void place_rows(std::span<nn::Row> rows, nn::ProgramRole) const override {
    std::int32_t counted = 0;
    for (std::size_t index = 0; index < rows.size(); ++index) {
      nn::Row& row = rows[index];
      if (index > 0 && rows[index - 1].sequence != row.sequence) counted = 0;
      const bool is_padding = row.vector == nullptr && row.token == pad_token_id_;
      row.position = is_padding ? pad_token_id_ : pad_token_id_ + ++counted;
    }
  }

 private:
  std::int32_t pad_token_id_;
};

/// `prefix` is that of the class names, "Roberta"; `defaults` are those of the model's configuration class.
inline std::unique_ptr<const nn::Network> make(const Checkpoint& checkpoint, std::string_view prefix,
                                               const bert::Config& defaults) {
  const Config config = Config::read(checkpoint.config, defaults);
  const bert::Config& c = config.bert;
  const nn::WeightScope w = checkpoint.weights / "roberta";
  const std::string_view task = std::string_view(checkpoint.class_name).substr(prefix.size());
  nn::TextEncoder encoder = bert::make_encoder(w, c, c.hidden_size);
  encoder.head = make_head(checkpoint, task, c, {encoder.embeddings.words, w / "embeddings.word_embeddings"});
  nn::NetworkInfo info = bert::describe(c, w.tally());
  info.context_length -= config.first_position();
  return std::make_unique<const Encoder>(std::move(encoder), info, static_cast<std::int32_t>(config.pad_token_id));
}

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
          .make = [](const Checkpoint& checkpoint) { return make(checkpoint, "Roberta", {.vocab_size = 50265}); }};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::roberta
