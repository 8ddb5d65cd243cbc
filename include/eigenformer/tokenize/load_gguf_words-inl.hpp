#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/decoders/word_piece.hpp"
#include "eigenformer/tokenize/gguf_tokens.hpp"
#include "eigenformer/tokenize/load_gguf_words.hpp"
#include "eigenformer/tokenize/models/word_piece.hpp"
#include "eigenformer/tokenize/normalizers/bert.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"
#include "eigenformer/tokenize/pre_tokenizers/bert.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace load_gguf_words_detail {

inline bool is_bracketed(std::string_view token) { return token.starts_with('[') && token.ends_with(']'); }

/// Undoes what llama.cpp's converter does: a token that begins a word has U+2581 before it, one that continues a word
/// has lost its "##", and those in brackets are as they were.
/// https://github.com/ggml-org/llama.cpp/blob/b4600/convert_hf_to_gguf.py (BertModel.set_vocab)
inline std::string word_piece(std::string_view token) {
  if (is_bracketed(token)) return std::string(token);
  if (token.starts_with(k_gguf_space)) return std::string(token.substr(k_gguf_space.size()));
  return "##" + std::string(token);
}

/// The format does not say whether texts are put in lower case. A vocabulary for such texts has no capital of ASCII.
inline bool has_capitals(const GgufVocabulary& vocabulary) {
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    const std::string_view token = vocabulary.tokens[id];
    const bool found = std::any_of(token.begin(), token.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (found && !is_bracketed(token)) return true;
  }
  return false;
}

inline TokenId need_end(const std::optional<TokenId>& id, const std::string& expected,
                        const GgufVocabulary& vocabulary) {
  if (id) return *id;
  throw TokenizerError({.id = "tokenizer.gguf_special_id",
                        .expected = expected,
                        .found = "none",
                        .where = vocabulary.where + ", tokenizer.ggml",
                        .remedy = "convert the model again with a current converter"});
}

}  // namespace load_gguf_words_detail

EIGENFORMER_INLINE void read_gguf_words(const GgufVocabulary& vocabulary, Pipeline& pipeline) {
  using namespace load_gguf_words_detail;
  TokenList tokens{.watch = vocabulary.watch};
  tokens.reserve(vocabulary.tokens.size());
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    tokens.add(word_piece(vocabulary.tokens[id]), static_cast<std::int64_t>(id));
  }
  const std::string where = vocabulary.where + ", tokenizer.ggml.tokens";
  WordPieceOptions options;
  options.unknown_token =
      vocabulary.tokens.empty() ? "[UNK]" : vocabulary.tokens[static_cast<std::size_t>(gguf_unknown(vocabulary))];
  pipeline.model = std::make_unique<WordPiece>(Vocabulary(std::move(tokens), where), std::move(options), where);
  pipeline.normalizer =
      std::make_unique<BertNormalizer>(BertNormalizer::Options{.lowercase = !has_capitals(vocabulary)});
  pipeline.pre_tokenizer = std::make_unique<BertPreTokenizer>();
  pipeline.decoder = std::make_unique<WordPieceDecoder>(WordPieceDecoder::Options{});
  add_gguf_tokens(vocabulary, {}, pipeline);
  const std::optional<TokenId>& begin = vocabulary.classifier ? vocabulary.classifier : vocabulary.bos;
  const std::optional<TokenId>& separator = vocabulary.separator ? vocabulary.separator : vocabulary.eos;
  EndTokens ends;
  if (vocabulary.add_bos.value_or(true)) ends.begin = {need_end(begin, "a token that begins a text", vocabulary)};
  if (vocabulary.add_eos.value_or(true)) ends.separator = {need_end(separator, "a token that ends a text", vocabulary)};
  pipeline.post_processor = std::make_unique<TemplateProcessing>(bert_templates(ends));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
