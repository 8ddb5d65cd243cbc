// What stands on top of a model's blocks.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What the outputs of a forward pass are good for, by their names. Those that are about a whole text have no rows.
enum class ModelHead : std::uint8_t {
  none,                     ///< "last_hidden_state" [rows, hidden]; "pooler_output" [hidden] where there is a pooler
  language_model,           ///< "logits" [rows, vocabulary]: of the next token
  masked_language_model,    ///< "logits" [rows, vocabulary]: of the token itself
  pretraining,              ///< as masked_language_model, and "seq_relationship_logits" or "sop_logits" [2]
  next_sentence,            ///< "logits" [2]
  replaced_token,           ///< "logits" [rows, 1]: whether each token was replaced (ELECTRA's discriminator)
  sequence_classification,  ///< "logits" [labels]
  token_classification,     ///< "logits" [rows, labels]
  question_answering,       ///< "start_logits" and "end_logits" [rows, 1]
  multiple_choice,          ///< "logits" [1]: one text for each choice
};

/// What a person reads of it: "masked language model".
constexpr const char* model_head_name(ModelHead head) {
  switch (head) {
    case ModelHead::none: return "none";
    case ModelHead::language_model: return "language model";
    case ModelHead::masked_language_model: return "masked language model";
    case ModelHead::pretraining: return "pretraining";
    case ModelHead::next_sentence: return "next sentence";
    case ModelHead::replaced_token: return "replaced token";
    case ModelHead::sequence_classification: return "sequence classification";
    case ModelHead::token_classification: return "token classification";
    case ModelHead::question_answering: return "question answering";
    case ModelHead::multiple_choice: return "multiple choice";
  }
  return "";
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
