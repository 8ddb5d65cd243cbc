// A model of sentencepiece whose pieces have their ids in a vocabulary of their own: Marian's and M2M100's vocab.json.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/pre_tokenizers/language_code.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// What the pieces' model does not know is looked up as it stands in the text, and so is a language code.
class Renumbered final : public Model {
 public:
  struct Unknown {
    TokenId piece = 0;  ///< of the pieces' model
    TokenId token = 0;  ///< of the vocabulary
  };
  Renumbered(std::unique_ptr<const Model> pieces, Vocabulary vocabulary, Unknown unknown)
      : pieces_(std::move(pieces)), vocabulary_(std::move(vocabulary)), unknown_(unknown) {
    for (std::size_t k = 0; k < pieces_->vocabulary_size(); ++k) {
      tokens_.push_back(vocabulary_.find(pieces_->token(static_cast<TokenId>(k))).value_or(unknown.token));
    }
  }

  std::unique_ptr<PieceEncoder> encoder() const override { return std::make_unique<Encoder>(*this); }
  std::size_t vocabulary_size() const override { return vocabulary_.size(); }
  std::optional<TokenId> find(std::string_view token) const override { return vocabulary_.find(token); }
  std::string_view token(TokenId id) const override { return vocabulary_.token(id); }

 private:
  class Encoder final : public PieceEncoder {
   public:
    explicit Encoder(const Renumbered& model) : model_(model), pieces_(model.pieces_->encoder()) {}
    void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
      if (language_code_end(piece) == piece.size()) {
        tokens.push_back({model_.look_up(piece), 0, static_cast<std::uint32_t>(piece.size())});
        return;
      }
      const std::size_t first = tokens.size();
      pieces_->encode(piece, tokens);
      for (std::size_t k = first; k < tokens.size(); ++k) {
        PieceToken& token = tokens[k];
        const bool known = token.id != model_.unknown_.piece;
        const std::string_view text = piece.substr(token.begin, token.end - token.begin);
        token.id = known ? model_.tokens_[static_cast<std::size_t>(token.id)] : model_.look_up(text);
      }
    }

   private:
    const Renumbered& model_;
    std::unique_ptr<PieceEncoder> pieces_;
  };
  TokenId look_up(std::string_view text) const { return vocabulary_.find(text).value_or(unknown_.token); }

  std::unique_ptr<const Model> pieces_;
  Vocabulary vocabulary_;
  Unknown unknown_;
  std::vector<TokenId> tokens_;  ///< of each piece
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
