// A tokenizer's stages: added tokens, normalizer, pre-tokenizer, model, post-processor; and decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/added_tokens.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"
#include "eigenformer/tokenize/languages.hpp"
#include "eigenformer/tokenize/models/encoder_pool.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"
#include "eigenformer/tokenize/post_processors/post_processor.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The ids that configs give names to.
struct NamedTokens {
  std::optional<TokenId> beginning, end, unknown, padding, separator, classifier, mask;
};

/// Immutable once it is built, but for the encoders at rest.
struct Pipeline {
  AddedTokens added;
  bool match_special = true;                          ///< false: split_special_tokens, special tokens stay text
  std::unique_ptr<const Normalizer> normalizer;       ///< may be null
  std::unique_ptr<const PreTokenizer> pre_tokenizer;  ///< may be null
  /// Of a model that sees a text whole: what words begin with inside it. Empty: a piece is a word.
  std::string word_mark;
  std::unique_ptr<const Model> model;
  std::unique_ptr<const PostProcessor> post_processor;  ///< may be null
  std::unique_ptr<const Decoder> decoder;
  NamedTokens named;
  Languages languages;
  /// Of pieces of characters, and of bytes. Behind the model, which they refer to.
  mutable EncoderPool encoders, byte_encoders;

  std::size_t vocabulary_size() const;
  /// The token as the vocabulary has it; nothing where the id has none.
  std::optional<std::string_view> token(TokenId id) const;
  std::optional<TokenId> find(std::string_view token) const;
  /// What the decoder gets to see.
  std::optional<std::string_view> decoded_form(TokenId id) const;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pipeline-inl.hpp"
#endif
