// The stage that turns a piece into tokens, and the vocabulary it does that with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A token and the bytes of its piece that it stands for.
struct PieceToken {
  TokenId id = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Encodes pieces for one thread at a time; what it remembers from piece to piece is its own and changes no token. Made
/// by `Model::encoder`.
class PieceEncoder {
 public:
  virtual ~PieceEncoder() = default;
  /// Appends the tokens of a piece that is not empty.
  virtual void encode(std::string_view piece, std::vector<PieceToken>& tokens) = 0;
};

class Model {
 public:
  virtual ~Model() = default;
  /// For pieces of characters.
  virtual std::unique_ptr<PieceEncoder> encoder() const = 0;
  /// For pieces of bytes, each of which stands for its character of the byte alphabet (byte_alphabet.hpp); null where
  /// the model wants those characters written out.
  virtual std::unique_ptr<PieceEncoder> byte_encoder() const { return nullptr; }

  /// One more than the highest id.
  virtual std::size_t vocabulary_size() const = 0;
  /// How many tokens there are: fewer where ids have holes.
  virtual std::size_t token_count() const { return vocabulary_size(); }
  /// Whether an id from 0 to vocabulary_size() - 1 has a token.
  virtual bool has(TokenId) const { return true; }
  virtual std::optional<TokenId> find(std::string_view token) const = 0;
  /// `id` is from 0 to vocabulary_size() - 1; empty where that has no token.
  virtual std::string_view token(TokenId id) const = 0;
  /// What tokens inside a word begin with: "##"; empty where they are not marked.
  virtual std::string_view continuing_prefix() const { return {}; }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
