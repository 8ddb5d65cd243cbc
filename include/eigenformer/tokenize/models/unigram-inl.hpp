#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/models/piece_cache.hpp"
#include "eigenformer/tokenize/models/unigram.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace unigram_detail {

inline constexpr std::size_t k_longest_piece = 1024;  // bounds the work at each place of a text
inline constexpr double k_unknown_penalty = 10;

/// The bytes of a character by its first one.
inline std::uint32_t character_bytes(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

}  // namespace unigram_detail

/// `Sum` is the type of scores and their sums.
template <class Sum>
class UnigramEncoder final : public PieceEncoder {
 public:
  explicit UnigramEncoder(const Unigram& model) : model_(model), unknown_(model.options_.unknown.value_or(-1)) {}

  void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
    const std::size_t first = tokens.size();
    if (cache_.find(piece, tokens)) return;
    find_best(piece);
    follow_back(piece.size());
    put_tokens(piece, tokens);
    cache_.store(piece, tokens, first);
  }

 private:
  /// The last piece of the best path to a place.
  struct Step {
    Sum sum = 0;
    std::uint32_t begin = k_unset;
    TokenId id = 0;
  };
  static constexpr std::uint32_t k_unset = std::numeric_limits<std::uint32_t>::max();

  void offer(const Step& next, std::uint32_t end) {
    Step& step = best_[end];
    if (step.begin == k_unset || next.sum > step.sum) step = next;
  }

  void find_best(std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    best_.assign(text.size() + 1, Step{});
    for (std::uint32_t begin = 0; begin < size;) {
      const std::uint32_t character_end = begin + unigram_detail::character_bytes(text[begin]);
      const Sum before = best_[begin].sum;
      bool has_character = false;
      PieceTrie::Node node = PieceTrie::k_root;
      for (std::uint32_t end = begin; end < size;) {
        node = model_.trie_.step(node, text[end++]);
        if (node == PieceTrie::k_none) break;
        const TokenId id = model_.trie_.id(node);
        if (id < 0) continue;
        has_character = has_character || end == character_end;
        offer({static_cast<Sum>(score(id, end - begin)) + before, begin, id}, end);
      }
      if (!has_character) offer({static_cast<Sum>(model_.unknown_score_) + before, begin, unknown()}, character_end);
      begin = character_end;
    }
  }

  /// Pieces that a user defined are given a score that no path without them reaches; the formula is that of
  /// https://github.com/google/sentencepiece/blob/v0.2.0/src/unigram_model.cc#L978-L981
  double score(TokenId id, std::uint32_t bytes) const {
    if (!model_.has_user_defined_ || model_.pieces_.type(id) != PieceType::user_defined) {
      return model_.scores_[static_cast<std::size_t>(id)];
    }
    return static_cast<double>(static_cast<float>(bytes) * model_.best_score_) - 0.1;
  }

  TokenId unknown() const {
    if (unknown_ >= 0) return unknown_;
    throw TokenizerError({.id = "tokenizer.no_unknown_token",
                          .expected = "a vocabulary with an unknown token, or a text of its characters alone",
                          .found = "a character that no piece has",
                          .where = "Tokenizer::encode",
                          .remedy = "use the tokenizer that belongs to the model"});
  }

  void follow_back(std::size_t end) {
    path_.clear();
    for (auto place = static_cast<std::uint32_t>(end); place > 0; place = best_[place].begin) {
      path_.push_back({best_[place].id, best_[place].begin, place});
    }
  }

  /// The path is there from its end; neighbouring unknown characters become one token, or bytes.
  void put_tokens(std::string_view text, std::vector<PieceToken>& tokens) const {
    for (std::size_t k = path_.size(); k-- > 0;) {
      if (path_[k].id != unknown_) {
        tokens.push_back(path_[k]);
        continue;
      }
      PieceToken run = path_[k];
      while (k > 0 && path_[k - 1].id == unknown_) run.end = path_[--k].end;
      put_unknown(text.substr(run.begin, run.end - run.begin), run, tokens);
    }
  }

  void put_unknown(std::string_view text, PieceToken run, std::vector<PieceToken>& tokens) const {
    const bool as_piece = model_.options_.arithmetic == UnigramArithmetic::tokenizers;
    if (const TokenId id = as_piece ? model_.trie_.find(text) : -1; id >= 0) {
      run.id = id;
    } else if (model_.options_.byte_fallback && has_byte_tokens(model_.bytes_, text)) {
      for (const char c : text) tokens.push_back({model_.bytes_[static_cast<unsigned char>(c)], run.begin, run.end});
      return;
    }
    tokens.push_back(run);
  }

  const Unigram& model_;
  const TokenId unknown_;
  PieceCache cache_;
  std::vector<Step> best_;
  std::vector<PieceToken> path_;
};

EIGENFORMER_INLINE Unigram::Unigram(PieceList pieces, const UnigramOptions& options, const std::string& where)
    : pieces_(std::move(pieces)), options_(options) {
  check_pieces(pieces_, unigram_detail::k_longest_piece, where);
  const format::LoadWatch watch = pieces_.take_watch();
  const std::size_t count = pieces_.size();
  if (options.unknown) check_unknown(pieces_, *options.unknown, where);
  std::vector<PieceTrie::Piece> seen, hidden;
  seen.reserve(count);
  scores_.reserve(count);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < count; ++k) {
    const auto id = static_cast<TokenId>(k);
    const PieceType type = pieces_.type(id);
    const double score = pieces_.score(id);
    scores_.push_back(score);
    if (type == PieceType::normal) least = std::min(least, score);
    if (type == PieceType::normal) best_score_ = std::max(best_score_, static_cast<float>(score));
    has_user_defined_ = has_user_defined_ || type == PieceType::user_defined;
    if (pieces_.is_in_texts(id) && type != PieceType::unused) {
      seen.push_back({pieces_.text(id), id});
    } else {
      hidden.push_back({pieces_.text(id), id});
    }
  }
  trie_ = PieceTrie(std::move(seen), where, watch);
  hidden_ = PieceTrie(std::move(hidden), where, watch);
  unknown_score_ = least - unigram_detail::k_unknown_penalty;
  if (options.byte_fallback) bytes_ = find_byte_tokens([this](std::string_view text) { return find(text); });
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> Unigram::encoder() const {
  if (options_.arithmetic == UnigramArithmetic::sentencepiece) return std::make_unique<UnigramEncoder<float>>(*this);
  return std::make_unique<UnigramEncoder<double>>(*this);
}

EIGENFORMER_INLINE std::optional<TokenId> Unigram::find(std::string_view token) const {
  TokenId id = hidden_.find(token);
  if (id < 0) id = trie_.find(token);
  return id < 0 ? std::nullopt : std::optional<TokenId>(id);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
