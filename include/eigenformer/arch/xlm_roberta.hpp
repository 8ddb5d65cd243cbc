// XLM-RoBERTa: RoBERTa over a hundred languages. The network is roberta's, the vocabulary and the names are its own.
// Paper: https://arxiv.org/abs/1911.02116
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/xlm_roberta/modeling_xlm_roberta.py
// Held against transformers on tests/golden/xlm_roberta.
#pragma once

#include <memory>
#include <string_view>

#include "eigenformer/arch/roberta.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::xlm_roberta {

inline Architecture architecture() {
  return {.name = "xlm-roberta",
          .hugging_face_classes = {"XLMRobertaModel", "XLMRobertaForMaskedLM", "XLMRobertaForSequenceClassification",
                                   "XLMRobertaForTokenClassification", "XLMRobertaForQuestionAnswering",
                                   "XLMRobertaForMultipleChoice"},
          .gguf_name = "",
          .hugging_face_names = roberta::names(),
          .gguf_names = {},
          .gguf_keys = {},
          .ignorable_tensors = roberta::ignorable_tensors(),
          .make = [](const Checkpoint& checkpoint) { return roberta::make(checkpoint, "XLMRoberta", {}); }};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::xlm_roberta
