#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/decoders/byte_level.hpp"
#include "eigenformer/tokenize/gguf_tokens.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenize/load_gguf_pieces.hpp"
#include "eigenformer/tokenize/load_gguf_words.hpp"
#include "eigenformer/tokenize/models/bpe.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"
#include "eigenformer/tokenize/patterns/literal_pattern.hpp"
#include "eigenformer/tokenize/patterns/word_pattern.hpp"
#include "eigenformer/tokenize/pipeline.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"
#include "eigenformer/tokenize/pre_tokenizers/byte_level.hpp"
#include "eigenformer/tokenize/pre_tokenizers/sequence.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace load_gguf_detail {

/// What stands behind a name in `tokenizer.ggml.pre`.
enum class Kind : std::uint8_t { gpt2, digits_gpt2, llama3, qwen2 };

struct Name {
  std::string_view name;
  Kind kind;
};
/// https://github.com/ggml-org/llama.cpp/blob/b4600/src/llama-vocab.cpp (llama_vocab::impl::load), held against the
/// tokenizer.json of the models the names are taken from.
inline constexpr Name k_names[] = {
    {"gpt-2", Kind::gpt2},         {"phi-2", Kind::gpt2},
    {"smollm", Kind::digits_gpt2}, {"starcoder", Kind::digits_gpt2},
    {"refact", Kind::digits_gpt2}, {"llama-bpe", Kind::llama3},
    {"llama-v3", Kind::llama3},    {"llama3", Kind::llama3},
    {"qwen2", Kind::qwen2},
};

inline Kind kind_of(const GgufVocabulary& vocabulary) {
  for (const Name& known : k_names) {
    if (known.name == vocabulary.pre) return known.kind;
  }
  throw TokenizerError({.id = "tokenizer.gguf_pre",
                        .expected = "a pre-tokenizer gpt-2, phi-2, smollm, starcoder, refact, llama-bpe or qwen2",
                        .found = vocabulary.pre.empty() ? "none" : format::in_quotes(vocabulary.pre),
                        .where = vocabulary.where + ", tokenizer.ggml.pre",
                        .remedy = vocabulary.pre.empty() ? "convert the model again with a current converter"
                                                         : "use the model's folder with tokenizer.json"});
}

inline void check(const GgufVocabulary& vocabulary) {
  constexpr std::string_view k_models[] = {"gpt2", "llama", "t5", "bert"};
  if (std::find(std::begin(k_models), std::end(k_models), vocabulary.model) == std::end(k_models)) {
    throw TokenizerError({.id = "tokenizer.gguf_model",
                          .expected = "a tokenizer gpt2, llama, t5 or bert",
                          .found = vocabulary.model.empty() ? "none" : format::in_quotes(vocabulary.model),
                          .where = vocabulary.where + ", tokenizer.ggml.model",
                          .remedy = "use the model's folder with tokenizer.json"});
  }
  if (!vocabulary.token_types.empty() && vocabulary.token_types.size() != vocabulary.tokens.size()) {
    throw TokenizerError({.id = "tokenizer.gguf_array_lengths",
                          .expected = "a type for each of " + std::to_string(vocabulary.tokens.size()) + " tokens",
                          .found = std::to_string(vocabulary.token_types.size()),
                          .where = vocabulary.where + ", tokenizer.ggml.token_type",
                          .remedy = "download the file again"});
  }
  for (const std::optional<TokenId>& id : {vocabulary.bos, vocabulary.eos, vocabulary.unknown, vocabulary.padding,
                                           vocabulary.separator, vocabulary.classifier, vocabulary.mask}) {
    if (!id || (*id >= 0 && static_cast<std::size_t>(*id) < vocabulary.tokens.size())) continue;
    throw TokenizerError({.id = "tokenizer.gguf_special_id",
                          .expected = "ids of special tokens below " + std::to_string(vocabulary.tokens.size()),
                          .found = std::to_string(*id),
                          .where = vocabulary.where + ", tokenizer.ggml",
                          .remedy = "download the file again"});
  }
}

inline std::unique_ptr<const PreTokenizer> pre_tokenizer(Kind kind, bool add_prefix_space) {
  const bool by_words = kind == Kind::llama3 || kind == Kind::qwen2;
  auto byte_level =
      std::make_unique<ByteLevel>(ByteLevel::Options{.add_prefix_space = add_prefix_space, .use_regex = !by_words});
  if (kind == Kind::gpt2) return byte_level;
  std::unique_ptr<const Pattern> pattern;
  if (by_words) {
    pattern = std::make_unique<WordPattern>(kind == Kind::llama3 ? 3 : 1);
  } else {
    pattern = std::make_unique<CharacterPattern>(is_numeric);
  }
  std::vector<std::unique_ptr<const PreTokenizer>> steps;
  steps.push_back(std::make_unique<Split>(std::move(pattern), Split::Options{}));
  steps.push_back(std::move(byte_level));
  return std::make_unique<PreTokenizerSequence>(std::move(steps));
}

inline std::unique_ptr<const Model> model(const GgufVocabulary& vocabulary, Kind kind) {
  TokenList tokens{.watch = vocabulary.watch};
  tokens.reserve(vocabulary.tokens.size());
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    tokens.add(vocabulary.tokens[id], static_cast<std::int64_t>(id));
  }
  const std::string where = vocabulary.where + ", tokenizer.ggml.merges";
  MergeList merges{.watch = vocabulary.watch};
  merges.reserve(vocabulary.merges.size());
  for (std::size_t k = 0; k < vocabulary.merges.size(); ++k) merges.add_line(vocabulary.merges[k], where);
  return std::make_unique<Bpe>(Vocabulary(std::move(tokens), vocabulary.where + ", tokenizer.ggml.tokens"), merges,
                               BpeOptions{.ignore_merges = kind == Kind::llama3}, where);
}

/// Byte-level BPE.
inline void read_gguf_bytes(const GgufVocabulary& vocabulary, Pipeline& pipeline) {
  const Kind kind = kind_of(vocabulary);
  pipeline.model = model(vocabulary, kind);
  if (kind == Kind::qwen2) pipeline.normalizer = std::make_unique<UnicodeNormalizer>(UnicodeForm::nfc);
  pipeline.pre_tokenizer = pre_tokenizer(kind, vocabulary.add_space_prefix.value_or(false));
  pipeline.decoder = std::make_unique<ByteLevelDecoder>();
  add_gguf_tokens(vocabulary, {}, pipeline);
  std::vector<TokenId> before, after;
  // Files of Llama 3 that say nothing mean that its template applies.
  if (vocabulary.add_bos.value_or(kind == Kind::llama3) && vocabulary.bos) before.push_back(*vocabulary.bos);
  if (vocabulary.add_eos.value_or(false) && vocabulary.eos) after.push_back(*vocabulary.eos);
  pipeline.post_processor = std::make_unique<TemplateProcessing>(around_each_text(before, after));
}

}  // namespace load_gguf_detail

EIGENFORMER_INLINE Tokenizer load_tokenizer_gguf(const GgufVocabulary& vocabulary) {
  using namespace load_gguf_detail;
  check(vocabulary);
  auto pipeline = std::make_shared<Pipeline>();
  if (vocabulary.model == "gpt2") {
    read_gguf_bytes(vocabulary, *pipeline);
  } else if (vocabulary.model == "bert") {
    read_gguf_words(vocabulary, *pipeline);
  } else {
    read_gguf_pieces(vocabulary, *pipeline);
  }
  pipeline->added.finish(vocabulary.where + ", tokenizer.ggml.tokens");
  pipeline->named = {.beginning = vocabulary.bos,
                     .end = vocabulary.eos,
                     .unknown = vocabulary.unknown,
                     .padding = vocabulary.padding,
                     .separator = vocabulary.separator,
                     .classifier = vocabulary.classifier,
                     .mask = vocabulary.mask};
  return Tokenizer(std::move(pipeline));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
