#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/models/segment_merger.hpp"
#include "eigenformer/tokenize/models/sentencepiece_bpe.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace sentencepiece_bpe_detail {

inline constexpr std::size_t k_longest_piece = std::size_t{64} << 10U;

/// A piece of n bytes may have n - 1 cuts, each of which takes memory. Gemma's 262,144 pieces have 514,906.
inline void check_cuts(std::size_t cuts, std::size_t pieces, const std::string& where) {
  constexpr std::size_t k_each = 6, k_more = std::size_t{64} << 10U;
  if (cuts <= k_each * pieces + k_more) return;
  throw TokenizerError({.id = "tokenizer.vocabulary_size",
                        .expected = "pieces that consist of two others in " + std::to_string(k_each) +
                                    " ways each on average, and " + std::to_string(k_more) + " more",
                        .found = "more for " + std::to_string(pieces) + " pieces",
                        .where = where,
                        .remedy = "check that this is the file you meant"});
}

}  // namespace sentencepiece_bpe_detail

class SentencepieceBpeEncoder final : public PieceEncoder {
 public:
  explicit SentencepieceBpeEncoder(const SentencepieceBpe& model)
      : model_(model), segments_(model.merges_, &model.cuts_) {}

  void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
    found_.clear();
    if (model_.has_unused_) {
      merge_whole(piece);
    } else {
      segments_.begin(piece, found_);
      read(piece, segments_);
      segments_.end();
    }
    put_tokens(piece, tokens);
  }

 private:
  static constexpr TokenId k_nowhere = std::numeric_limits<TokenId>::min();  ///< a character that no piece has

  /// Gives `symbols` what the piece consists of: pieces that a user defined, and characters.
  template <class Symbols>
  void read(std::string_view piece, Symbols& symbols) const {
    for (std::uint32_t k = 0; k < piece.size();) {
      const PieceTrie::Longest whole =
          model_.user_defined_.empty() ? PieceTrie::Longest{} : model_.user_defined_.longest(piece.substr(k));
      if (whole.id >= 0) {
        const auto end = static_cast<std::uint32_t>(k + whole.bytes);
        symbols.add_alone({whole.id, k, end});
        k = end;
        continue;
      }
      const Character character = character_at(piece, k);
      const TokenId id = model_.characters_.find(character.code_point);
      if (id >= 0) {
        symbols.add({id, k, k + character.bytes});
      } else {
        symbols.add_alone({k_nowhere, k, k + character.bytes});
      }
      k += character.bytes;
    }
  }

  /// Pieces that are not used are merged, and taken apart again as they came together last.
  class WholeMerge {
   public:
    explicit WholeMerge(std::vector<Symbol>& symbols) : symbols_(symbols) { symbols_.clear(); }
    void add(const BpeStart& start) { symbols_.push_back({.id = start.id, .begin = start.begin, .end = start.end}); }
    // Merges are looked up by id, so a symbol that merges with nothing hides its id until the end.
    void add_alone(const PieceToken& token) {
      add({token.id == k_nowhere ? k_nowhere : k_alone - token.id, token.begin, token.end});
    }

   private:
    std::vector<Symbol>& symbols_;
  };
  static constexpr TokenId k_alone = -2;

  struct Split {
    TokenId left = 0, right = 0;
    std::uint32_t left_bytes = 0;
  };

  void merge_whole(std::string_view piece) {
    WholeMerge symbols(symbols_);
    read(piece, symbols);
    splits_.clear();
    merger_.merge(symbols_, model_.merges_, [this](const Symbol& left, const Symbol& right) {
      if (model_.is_unused(left.merged)) splits_[left.merged] = {left.id, right.id, left.end - left.begin};
    });
    for (const Symbol& symbol : symbols_) {
      if (symbol.id <= k_alone && symbol.id != k_nowhere) {
        found_.push_back({k_alone - symbol.id, symbol.begin, symbol.end});
      } else {
        take_apart({symbol.id, symbol.begin, symbol.end});
      }
    }
  }

  void take_apart(PieceToken whole) {
    parts_.assign(1, whole);
    while (!parts_.empty()) {
      const PieceToken part = parts_.back();
      parts_.pop_back();
      const auto split = model_.is_unused(part.id) ? splits_.find(part.id) : splits_.end();
      if (split == splits_.end()) {
        found_.push_back(part);
        continue;
      }
      const std::uint32_t middle = part.begin + split->second.left_bytes;
      parts_.push_back({split->second.right, middle, part.end});
      parts_.push_back({split->second.left, part.begin, middle});
    }
  }

  bool is_unknown(TokenId id) const {
    return id < 0 || static_cast<std::size_t>(id) >= model_.pieces_.size() || id == model_.options_.unknown;
  }

  /// Neighbouring unknown characters become one token, or bytes.
  void put_tokens(std::string_view piece, std::vector<PieceToken>& tokens) const {
    for (std::size_t k = 0; k < found_.size(); ++k) {
      PieceToken token = found_[k];
      if (is_unknown(token.id)) {
        if (model_.options_.byte_fallback) {
          for (const char c : piece.substr(token.begin, token.end - token.begin)) {
            tokens.push_back({model_.bytes_[static_cast<unsigned char>(c)], token.begin, token.end});
          }
          continue;
        }
        token.id = model_.options_.unknown;
        while (k + 1 < found_.size() && is_unknown(found_[k + 1].id)) token.end = found_[++k].end;
      }
      tokens.push_back(token);
    }
  }

  const SentencepieceBpe& model_;
  SegmentMerger segments_;
  std::vector<PieceToken> found_, parts_;
  std::vector<Symbol> symbols_;
  SymbolMerger merger_;
  std::map<TokenId, Split> splits_;  ///< by the piece that is not used
};

EIGENFORMER_INLINE SentencepieceBpe::SentencepieceBpe(PieceList pieces, const SentencepieceBpeOptions& options,
                                                      const std::string& where)
    : pieces_(std::move(pieces)), options_(options) {
  check_pieces(pieces_, sentencepiece_bpe_detail::k_longest_piece, where);
  check_unknown(pieces_, options.unknown, where);
  format::LoadWatch watch = pieces_.take_watch();
  std::vector<PieceTrie::Piece> seen, hidden, user_defined;
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    (pieces_.is_in_texts(id) ? seen : hidden).push_back({pieces_.text(id), id});
    if (pieces_.type(id) == PieceType::user_defined) user_defined.push_back({pieces_.text(id), id});
    has_unused_ = has_unused_ || pieces_.type(id) == PieceType::unused;
  }
  seen_ = PieceTrie(std::move(seen), where, watch);
  hidden_ = PieceTrie(std::move(hidden), where, watch);
  user_defined_ = PieceTrie(std::move(user_defined), where);
  number_characters();
  const std::vector<PairMerge> merges = find_merges(watch, where);
  merges_ = MergeTable(merges, watch);
  cuts_.resize_for(merges.size());
  merges_.for_each_pair([&](TokenId left, TokenId right) {
    watch.step();
    const auto count = static_cast<TokenId>(pieces_.size());
    cuts_.add(left < count ? last_character(characters_, pieces_.text(left)) : left,
              right < count ? first_character(characters_, pieces_.text(right)) : right);
  });
  if (options.byte_fallback) bytes_ = find_byte_tokens([this](std::string_view text) { return find(text); });
}

/// A character that stands in pieces and is none itself can merge, so it needs a number too.
EIGENFORMER_INLINE void SentencepieceBpe::number_characters() {
  symbols_ = pieces_.size();
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    const std::string_view text = pieces_.text(id);
    if (!pieces_.is_in_texts(id) || text.empty()) continue;
    const Character character = character_at(text, 0);
    if (character.bytes == text.size()) characters_.insert(character.code_point, id);
  }
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    if (!pieces_.is_in_texts(static_cast<TokenId>(k))) continue;
    const std::string_view text = pieces_.text(static_cast<TokenId>(k));
    for (std::size_t at = 0; at < text.size();) {
      const Character character = character_at(text, at);
      at += character.bytes;
      if (characters_.find(character.code_point) >= 0) continue;
      characters_.insert(character.code_point, static_cast<TokenId>(symbols_++));
    }
  }
}

/// Finds pieces from their last byte to their first.
EIGENFORMER_INLINE PieceTrie SentencepieceBpe::backward_trie(format::LoadWatch watch, const std::string& where) const {
  TextList reversed;
  std::vector<TokenId> ids;
  std::string backward;
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    if (!pieces_.is_in_texts(id)) continue;
    const std::string_view text = pieces_.text(id);
    backward.assign(text.rbegin(), text.rend());
    reversed.push_back(backward);
    ids.push_back(id);
  }
  std::vector<PieceTrie::Piece> pieces;
  pieces.reserve(ids.size());
  for (std::size_t k = 0; k < ids.size(); ++k) pieces.push_back({reversed[k], ids[k]});
  return PieceTrie(std::move(pieces), where, watch);
}

/// Every way to cut a piece in two symbols. Pieces of equal score have equal ranks.
EIGENFORMER_INLINE std::vector<PairMerge> SentencepieceBpe::find_merges(format::LoadWatch watch,
                                                                        const std::string& where) const {
  const PieceTrie suffixes = backward_trie(watch, where);
  std::vector<double> scores;
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    if (pieces_.is_in_texts(id)) scores.push_back(pieces_.score(id));
  }
  std::sort(scores.begin(), scores.end(), std::greater<>());
  scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
  std::vector<PairMerge> merges;
  merges.reserve(2 * pieces_.size());  // about what vocabularies have
  std::vector<TokenId> left;           // of each cut, the symbol before it
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    const std::string_view text = pieces_.text(id);
    watch.step();
    if (!pieces_.is_in_texts(id) || text.empty()) continue;
    const auto rank = static_cast<std::uint32_t>(
        std::lower_bound(scores.begin(), scores.end(), pieces_.score(id), std::greater<>()) - scores.begin());
    left.assign(text.size(), -1);
    PieceTrie::Node node = PieceTrie::k_root;
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
      node = seen_.step(node, text[at]);
      left[at + 1] = seen_.id(node);
    }
    const Character first = character_at(text, 0);
    if (first.bytes < text.size()) left[first.bytes] = characters_.find(first.code_point);
    const std::size_t last_begin = previous_character(text, text.size());
    node = PieceTrie::k_root;
    for (std::size_t at = text.size(); at-- > 1;) {
      node = suffixes.step(node, text[at]);
      const TokenId right = at == last_begin ? last_character(characters_, text) : suffixes.id(node);
      if (right >= 0 && left[at] >= 0) merges.push_back({left[at], right, {rank, id}});
    }
    sentencepiece_bpe_detail::check_cuts(merges.size(), pieces_.size(), where);
  }
  return merges;
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> SentencepieceBpe::encoder() const {
  return std::make_unique<SentencepieceBpeEncoder>(*this);
}

EIGENFORMER_INLINE std::optional<TokenId> SentencepieceBpe::find(std::string_view token) const {
  TokenId id = hidden_.find(token);
  if (id < 0) id = seen_.find(token);
  return id < 0 ? std::nullopt : std::optional<TokenId>(id);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
