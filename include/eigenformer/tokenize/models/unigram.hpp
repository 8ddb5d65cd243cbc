// Unigram language model: the path of pieces with the best sum of scores, https://arxiv.org/abs/1804.10959.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/byte_tokens.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/models/piece_list.hpp"
#include "eigenformer/tokenize/models/piece_trie.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Sums that come near each other decide by their last bits, so each reference's own arithmetic is followed.
enum class UnigramArithmetic : std::uint8_t {
  tokenizers,     ///< Hugging Face tokenizers: 64 bits throughout
  sentencepiece,  ///< the sentencepiece library: the best sum up to each place is rounded to 32 bits
};

struct UnigramOptions {
  std::optional<TokenId> unknown = {};  ///< for characters that no piece has
  bool byte_fallback = false;           ///< such characters become "<0xE2>" "<0x82>" "<0xAC>" where all of these exist
  UnigramArithmetic arithmetic = UnigramArithmetic::tokenizers;
};

/// Every place of a text is reached once, and a piece has at most 1024 bytes: the work is linear in the text.
class Unigram final : public Model {
 public:
  /// TokenizerError "tokenizer.vocabulary_empty", "tokenizer.token_too_long", "tokenizer.token_text",
  /// "tokenizer.vocabulary_size", "tokenizer.piece_score", and "tokenizer.unknown_token" where `unknown` is no piece.
  Unigram(PieceList pieces, const UnigramOptions& options, const std::string& where);

  std::unique_ptr<PieceEncoder> encoder() const override;
  std::size_t vocabulary_size() const override { return pieces_.size(); }
  std::optional<TokenId> find(std::string_view token) const override;
  std::string_view token(TokenId id) const override { return pieces_.text(id); }

 private:
  template <class Sum>
  friend class UnigramEncoder;

  PieceList pieces_;
  PieceTrie trie_;    ///< of what is looked for in a text
  PieceTrie hidden_;  ///< of the others: control pieces, bytes, the unknown piece
  std::vector<double> scores_;
  double unknown_score_ = 0;
  float best_score_ = std::numeric_limits<float>::min();  ///< of normal pieces, or this: the library's own begin
  bool has_user_defined_ = false;
  UnigramOptions options_;
  ByteTokens bytes_ = k_no_byte_tokens;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/unigram-inl.hpp"
#endif
