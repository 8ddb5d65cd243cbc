#pragma once

#include "eigenformer/tokenize/files/sentencepiece_class.hpp"
#include "eigenformer/tokenize/language_lists.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The tables hold what transformers 5.23.0 does; of a class X,
/// https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/<x>/tokenization_<x>.py
namespace sentencepiece_class_detail {

inline constexpr ClassToken k_t5_tokens[] = {{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}};
inline constexpr ClassToken k_pegasus_tokens[] = {
    {"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}, {"mask_token", "<mask_2>"}};
inline constexpr ClassToken k_albert_tokens[] = {
    {"bos_token", "[CLS]"}, {"eos_token", "[SEP]"}, {"unk_token", "<unk>"},  {"sep_token", "[SEP]"},
    {"pad_token", "<pad>"}, {"cls_token", "[CLS]"}, {"mask_token", "[MASK]"}};
inline constexpr ClassToken k_big_bird_tokens[] = {
    {"bos_token", "<s>"},   {"eos_token", "</s>"},  {"unk_token", "<unk>"},        {"sep_token", "[SEP]"},
    {"pad_token", "<pad>"}, {"cls_token", "[CLS]"}, {"mask_token", "[MASK]", true}};
inline constexpr ClassToken k_xlnet_tokens[] = {
    {"bos_token", "<s>"},   {"eos_token", "</s>"},  {"unk_token", "<unk>"},        {"sep_token", "<sep>"},
    {"pad_token", "<pad>"}, {"cls_token", "<cls>"}, {"mask_token", "<mask>", true}};
inline constexpr ClassToken k_roberta_tokens[] = {
    {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},  {"sep_token", "</s>"},
    {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>"}};
inline constexpr ClassToken k_mbart_tokens[] = {
    {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},        {"sep_token", "</s>"},
    {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>", true}};
inline constexpr ClassToken k_m2m100_tokens[] = {
    {"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"sep_token", "</s>"}, {"pad_token", "<pad>"}};
inline constexpr ClassToken k_llama_tokens[] = {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}};
inline constexpr ClassToken k_gemma_tokens[] = {{"bos_token", "<bos>"},
                                                {"eos_token", "<eos>"},
                                                {"unk_token", "<unk>"},
                                                {"pad_token", "<pad>"},
                                                {"mask_token", "<mask>"}};

using Numbers = PieceNumbers;
using Spelling = PieceSpelling;
using Words = PieceWords;
inline constexpr std::span<const std::string_view> k_mbart50_languages = language_lists::k_mbart50;

inline constexpr SentencepieceClass k_classes[] = {
    {"T5Tokenizer", Numbers::t5, Spelling::metaspace, "A eos_token", "A eos_token B eos_token", k_t5_tokens, {}},
    {"PegasusTokenizer",
     Numbers::pegasus,
     Spelling::metaspace,
     "A eos_token",
     "A B eos_token",
     k_pegasus_tokens,
     {},
     Words::from_space},
    {"AlbertTokenizer",
     Numbers::of_file,
     Spelling::metaspace,
     "cls_token A sep_token",
     "cls_token A sep_token B:1 sep_token:1",
     k_albert_tokens,
     {}},
    {"BigBirdTokenizer",
     Numbers::of_file,
     Spelling::metaspace,
     "cls_token A sep_token",
     "cls_token A sep_token B:1 sep_token:1",
     k_big_bird_tokens,
     {},
     Words::from_space},
    {"XLNetTokenizer",
     Numbers::of_file,
     Spelling::metaspace,
     "A sep_token cls_token:2",
     "A sep_token B:1 sep_token:1 cls_token:2",
     k_xlnet_tokens,
     {}},
    {"CamembertTokenizer",
     Numbers::camembert,
     Spelling::metaspace,
     "bos_token A eos_token",
     "bos_token A eos_token eos_token B eos_token",
     k_mbart_tokens,
     {}},
    {"XLMRobertaTokenizer",
     Numbers::fairseq,
     Spelling::metaspace,
     "bos_token A eos_token",
     "bos_token A eos_token eos_token B eos_token",
     k_roberta_tokens,
     {}},
    {"MBartTokenizer", Numbers::fairseq, Spelling::metaspace, "A eos_token lang", "A B eos_token lang", k_mbart_tokens,
     k_mbart50_languages.first(language_lists::k_mbart_count)},
    {"MBart50Tokenizer", Numbers::fairseq, Spelling::metaspace, "lang A eos_token", "lang A B eos_token",
     k_mbart_tokens, k_mbart50_languages, Words::from_space},
    {"NllbTokenizer", Numbers::fairseq, Spelling::metaspace, "lang A eos_token", "lang A B eos_token", k_mbart_tokens,
     language_lists::k_nllb, Words::from_space},
    {"M2M100Tokenizer", Numbers::vocabulary, Spelling::sentencepiece, "lang A eos_token", "lang A B eos_token",
     k_m2m100_tokens, language_lists::k_m2m100, Words::from_space},
    {"MarianTokenizer",
     Numbers::vocabulary,
     Spelling::sentencepiece,
     "A eos_token",
     "A B eos_token",
     k_t5_tokens,
     {},
     Words::from_space},
    {"LlamaTokenizer", Numbers::of_file, Spelling::llama, {}, {}, k_llama_tokens, {}, Words::whole},
    {"GemmaTokenizer", Numbers::of_file, Spelling::gemma, {}, {}, k_gemma_tokens, {}, Words::whole},
};

struct ModelType {
  std::string_view type, class_name;
};
inline constexpr ModelType k_model_types[] = {
    {"t5", "T5Tokenizer"},
    {"mt5", "T5Tokenizer"},
    {"umt5", "T5Tokenizer"},
    {"longt5", "T5Tokenizer"},
    {"switch_transformers", "T5Tokenizer"},
    {"pegasus", "PegasusTokenizer"},
    {"pegasus_x", "PegasusTokenizer"},
    {"bigbird_pegasus", "PegasusTokenizer"},
    {"albert", "AlbertTokenizer"},
    {"big_bird", "BigBirdTokenizer"},
    {"xlnet", "XLNetTokenizer"},
    {"camembert", "CamembertTokenizer"},
    {"xlm-roberta", "XLMRobertaTokenizer"},
    {"xlm-roberta-xl", "XLMRobertaTokenizer"},
    {"xmod", "XLMRobertaTokenizer"},
    {"mbart", "MBartTokenizer"},
    {"m2m_100", "M2M100Tokenizer"},
    {"nllb-moe", "NllbTokenizer"},
    {"marian", "MarianTokenizer"},
    {"llama", "LlamaTokenizer"},
    {"mistral", "LlamaTokenizer"},
    {"mixtral", "LlamaTokenizer"},
    {"gemma", "GemmaTokenizer"},
    {"gemma2", "GemmaTokenizer"},
    {"gemma3", "GemmaTokenizer"},
    {"gemma3_text", "GemmaTokenizer"},
};

}  // namespace sentencepiece_class_detail

EIGENFORMER_INLINE const SentencepieceClass* find_sentencepiece_class(std::string_view name) {
  for (const SentencepieceClass& known : sentencepiece_class_detail::k_classes) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

EIGENFORMER_INLINE std::string_view sentencepiece_class_of(std::string_view model_type) {
  for (const auto& known : sentencepiece_class_detail::k_model_types) {
    if (known.type == model_type) return known.class_name;
  }
  return {};
}

EIGENFORMER_INLINE std::string sentencepiece_classes() {
  std::string names;
  for (const SentencepieceClass& known : sentencepiece_class_detail::k_classes) {
    names.append(names.empty() ? "" : ", ").append(known.name);
  }
  return names;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
