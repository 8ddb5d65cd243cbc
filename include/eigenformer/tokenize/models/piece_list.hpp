// The pieces of a vocabulary with scores, as a file lists them: by id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/text_list.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The types of https://github.com/google/sentencepiece/blob/v0.2.0/src/sentencepiece_model.proto#L284-L297
enum class PieceType : std::uint8_t { normal = 1, unknown, control, user_defined, unused, byte };

/// Pieces by id, not checked.
class PieceList {
 public:
  PieceList() = default;
  /// The watch is asked while the list is made, and while it becomes a model.
  explicit PieceList(format::LoadWatch watch) : watch_(watch) {}
  void add(std::string_view text, double score, PieceType type = PieceType::normal) {
    texts_.push_back(text);
    scores_.push_back(score);
    types_.push_back(type);
    watch_.step();
  }
  void reserve(std::size_t count) {
    texts_.reserve(count);
    scores_.reserve(count);
    types_.reserve(count);
  }

  /// For who makes a model of the list, which outlives the load.
  format::LoadWatch take_watch() { return std::exchange(watch_, {}); }
  std::size_t size() const { return texts_.size(); }
  /// `id` is from 0 to size() - 1.
  std::string_view text(TokenId id) const { return texts_[static_cast<std::size_t>(id)]; }
  double score(TokenId id) const { return scores_[static_cast<std::size_t>(id)]; }
  PieceType type(TokenId id) const { return types_[static_cast<std::size_t>(id)]; }
  /// Whether it is one of those that are looked for in a text.
  bool is_in_texts(TokenId id) const {
    return type(id) == PieceType::normal || type(id) == PieceType::user_defined || type(id) == PieceType::unused;
  }

 private:
  TextList texts_;
  std::vector<double> scores_;
  std::vector<PieceType> types_;
  format::LoadWatch watch_;
};

/// TokenizerError "tokenizer.vocabulary_empty", "tokenizer.token_too_long" (beyond `longest`), "tokenizer.token_text"
/// and "tokenizer.piece_score" (one that is no number).
void check_pieces(const PieceList& pieces, std::size_t longest, const std::string& where);

/// TokenizerError "tokenizer.unknown_token" where `unknown` is not the id of a piece.
void check_unknown(const PieceList& pieces, TokenId unknown, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/piece_list-inl.hpp"
#endif
