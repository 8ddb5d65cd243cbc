#pragma once

#include "eigenformer/tokenize/files/tokenizer_class.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The tables hold what transformers 5.23.0 does:
/// https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/auto/tokenization_auto.py#L67
namespace tokenizer_class_detail {

struct Class {
  std::string_view name;
  ClassFamily family;
};
inline constexpr Class k_classes[] = {
    {"GPT2Tokenizer", ClassFamily::gpt2},          {"Qwen2Tokenizer", ClassFamily::qwen2},
    {"RobertaTokenizer", ClassFamily::roberta},    {"BartTokenizer", ClassFamily::roberta},
    {"LongformerTokenizer", ClassFamily::roberta}, {"LEDTokenizer", ClassFamily::roberta},
    {"BertTokenizer", ClassFamily::bert},          {"DistilBertTokenizer", ClassFamily::bert},
    {"ElectraTokenizer", ClassFamily::bert},       {"MobileBertTokenizer", ClassFamily::bert},
    {"ConvBertTokenizer", ClassFamily::bert},      {"SqueezeBertTokenizer", ClassFamily::bert},
    {"LayoutLMTokenizer", ClassFamily::bert},      {"LxmertTokenizer", ClassFamily::bert},
    {"MPNetTokenizer", ClassFamily::mpnet},
};

struct ModelType {
  std::string_view type, class_name;
};
inline constexpr ModelType k_model_types[] = {
    {"gpt2", "GPT2Tokenizer"},
    {"gpt_neo", "GPT2Tokenizer"},
    {"gptj", "GPT2Tokenizer"},
    {"opt", "GPT2Tokenizer"},
    {"codegen", "GPT2Tokenizer"},
    {"phi", "GPT2Tokenizer"},
    {"qwen2", "Qwen2Tokenizer"},
    {"qwen2_moe", "Qwen2Tokenizer"},
    {"qwen3", "Qwen2Tokenizer"},
    {"qwen3_moe", "Qwen2Tokenizer"},
    {"roberta", "RobertaTokenizer"},
    {"bart", "RobertaTokenizer"},
    {"longformer", "RobertaTokenizer"},
    {"led", "LEDTokenizer"},
    {"data2vec-text", "RobertaTokenizer"},
    {"ibert", "RobertaTokenizer"},
    {"bert", "BertTokenizer"},
    {"distilbert", "BertTokenizer"},
    {"electra", "BertTokenizer"},
    {"convbert", "BertTokenizer"},
    {"megatron-bert", "BertTokenizer"},
    {"nomic_bert", "BertTokenizer"},
    {"mobilebert", "MobileBertTokenizer"},
    {"squeezebert", "BertTokenizer"},
    {"layoutlm", "BertTokenizer"},
    {"ernie", "BertTokenizer"},
    {"mpnet", "MPNetTokenizer"},
};

inline constexpr DefaultToken k_gpt2_tokens[] = {
    {"bos_token", "<|endoftext|>"}, {"eos_token", "<|endoftext|>"}, {"unk_token", "<|endoftext|>"}};
inline constexpr DefaultToken k_qwen2_tokens[] = {
    {"eos_token", "<|endoftext|>"}, {"pad_token", "<|endoftext|>"}, {"unk_token", "<|endoftext|>"}};
inline constexpr DefaultToken k_roberta_tokens[] = {
    {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},  {"sep_token", "</s>"},
    {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>"}};
inline constexpr DefaultToken k_bert_tokens[] = {{"unk_token", "[UNK]"},
                                                 {"sep_token", "[SEP]"},
                                                 {"pad_token", "[PAD]"},
                                                 {"cls_token", "[CLS]"},
                                                 {"mask_token", "[MASK]"}};
inline constexpr DefaultToken k_mpnet_tokens[] = {
    {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "[UNK]"},        {"sep_token", "</s>"},
    {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>", true}};

}  // namespace tokenizer_class_detail

EIGENFORMER_INLINE ClassFamily family_of(std::string_view name) {
  for (const auto& known : tokenizer_class_detail::k_classes) {
    if (known.name == name) return known.family;
  }
  return ClassFamily::unknown;
}

EIGENFORMER_INLINE std::string_view class_of_model_type(std::string_view model_type) {
  for (const auto& known : tokenizer_class_detail::k_model_types) {
    if (known.type == model_type) return known.class_name;
  }
  return {};
}

EIGENFORMER_INLINE bool reads(ClassFamily family, VocabularyFiles files) {
  const bool text = family == ClassFamily::bert || family == ClassFamily::mpnet;
  return family != ClassFamily::unknown && text == (files == VocabularyFiles::text);
}

EIGENFORMER_INLINE std::string classes_for(VocabularyFiles files) {
  std::string names;
  for (const auto& known : tokenizer_class_detail::k_classes) {
    if (reads(known.family, files)) names.append(names.empty() ? "" : ", ").append(known.name);
  }
  return names;
}

EIGENFORMER_INLINE std::span<const DefaultToken> default_tokens(ClassFamily family) {
  switch (family) {
    case ClassFamily::unknown: return {};
    case ClassFamily::gpt2: return tokenizer_class_detail::k_gpt2_tokens;
    case ClassFamily::qwen2: return tokenizer_class_detail::k_qwen2_tokens;
    case ClassFamily::roberta: return tokenizer_class_detail::k_roberta_tokens;
    case ClassFamily::bert: return tokenizer_class_detail::k_bert_tokens;
    case ClassFamily::mpnet: return tokenizer_class_detail::k_mpnet_tokens;
  }
  return {};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
