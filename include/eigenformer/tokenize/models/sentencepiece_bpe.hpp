// Byte pair encoding as the sentencepiece library does it: any two neighbours that together are a piece may merge, the
// piece of the best score first. https://github.com/google/sentencepiece/blob/v0.2.0/src/bpe_model.cc
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/byte_tokens.hpp"
#include "eigenformer/tokenize/models/character_table.hpp"
#include "eigenformer/tokenize/models/merge_cuts.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/models/piece_list.hpp"
#include "eigenformer/tokenize/models/piece_trie.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

struct SentencepieceBpeOptions {
  TokenId unknown = 0;         ///< for characters that no piece has
  bool byte_fallback = false;  ///< such characters become "<0xE2>" "<0x82>" "<0xAC>"
};

class SentencepieceBpe final : public Model {
 public:
  /// The errors of `check_pieces`, "tokenizer.unknown_token" where `unknown` is no piece, and
  /// "tokenizer.vocabulary_size" where pieces are cut in more ways than those of any vocabulary.
  SentencepieceBpe(PieceList pieces, const SentencepieceBpeOptions& options, const std::string& where);

  std::unique_ptr<PieceEncoder> encoder() const override;
  std::size_t vocabulary_size() const override { return pieces_.size(); }
  std::optional<TokenId> find(std::string_view token) const override;
  std::string_view token(TokenId id) const override { return pieces_.text(id); }

 private:
  friend class SentencepieceBpeEncoder;
  bool is_unused(TokenId id) const {
    return static_cast<std::size_t>(id) < pieces_.size() && pieces_.type(id) == PieceType::unused;
  }
  void number_characters();
  PieceTrie backward_trie(format::LoadWatch watch, const std::string& where) const;
  std::vector<PairMerge> find_merges(format::LoadWatch watch, const std::string& where) const;

  PieceList pieces_;
  PieceTrie seen_;          ///< pieces that are looked for in a text
  PieceTrie hidden_;        ///< the others: control pieces, bytes, the unknown piece
  PieceTrie user_defined_;  ///< stay whole wherever they stand
  CharacterTable characters_;
  std::size_t symbols_ = 0;  ///< pieces, and behind them characters that only stand in pieces
  MergeTable merges_ = MergeTable(std::vector<PairMerge>{});
  MergeCuts cuts_;
  bool has_unused_ = false;
  ByteTokens bytes_ = k_no_byte_tokens;
  SentencepieceBpeOptions options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/sentencepiece_bpe-inl.hpp"
#endif
