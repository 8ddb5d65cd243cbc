// A vocabulary of whole words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/models/unknown_token.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A piece is a token, or unknown.
class WordLevel final : public Model {
 public:
  WordLevel(Vocabulary vocabulary, std::string unknown_token, std::string where)
      : vocabulary_(std::move(vocabulary)),
        unknown_token_(std::move(unknown_token)),
        where_(std::move(where)),
        unknown_(vocabulary_.find(unknown_token_)) {}

  /// Where a piece is unknown and the unknown token is not in the vocabulary, TokenizerError "tokenizer.unknown_token".
  std::unique_ptr<PieceEncoder> encoder() const override { return std::make_unique<Encoder>(*this); }
  std::size_t vocabulary_size() const override { return vocabulary_.size(); }
  std::size_t token_count() const override { return vocabulary_.count(); }
  bool has(TokenId id) const override { return vocabulary_.has(id); }
  std::optional<TokenId> find(std::string_view token) const override { return vocabulary_.find(token); }
  std::string_view token(TokenId id) const override { return vocabulary_.token(id); }

 private:
  class Encoder final : public PieceEncoder {
   public:
    explicit Encoder(const WordLevel& model) : model_(model) {}
    void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
      std::optional<TokenId> id = model_.vocabulary_.find(piece);
      if (!id) id = need_unknown(model_.unknown_, model_.unknown_token_, model_.where_);
      tokens.push_back({*id, 0, static_cast<std::uint32_t>(piece.size())});
    }

   private:
    const WordLevel& model_;
  };

  Vocabulary vocabulary_;
  std::string unknown_token_;
  std::string where_;
  std::optional<TokenId> unknown_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
