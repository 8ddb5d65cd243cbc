#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/models/bpe.hpp"
#include "eigenformer/tokenize/models/piece_cache.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace bpe_detail {

inline constexpr TokenId k_no_token = -1;
inline constexpr std::uint32_t k_no_rank = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t k_no_symbol = std::numeric_limits<std::uint32_t>::max();

/// A token under construction, in a list: `rank` is that of the merge with the next one.
struct Symbol {
  TokenId id = 0;
  std::uint32_t begin = 0;  ///< of its bytes in the piece
  std::uint32_t end = 0;    ///< equal to `begin`: merged into the one before
  std::uint32_t rank = k_no_rank;
  TokenId merged = k_no_token;
  std::uint32_t previous = k_no_symbol;
  std::uint32_t next = k_no_symbol;
};

}  // namespace bpe_detail

/// Works on one piece after the other, in buffers that it keeps.
class BpeEncoder final : public PieceEncoder {
 public:
  explicit BpeEncoder(const Bpe& model) : model_(model) {}

  void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
    const std::size_t first = tokens.size();
    if (cache_.find(piece, tokens)) return;
    if (!encode_as_token(piece, tokens)) {
      read_symbols(piece);
      if (symbols_.size() <= k_short) {
        merge_short();
      } else {
        merge_long();
      }
      put_tokens(tokens);
    }
    cache_.store(piece, tokens, first);
  }

 private:
  using Symbol = bpe_detail::Symbol;
  static constexpr std::size_t k_short = 24;  ///< up to here looking at every pair is faster than a heap

  bool encode_as_token(std::string_view piece, std::vector<PieceToken>& tokens) {
    if (!model_.ignore_merges_ || piece.size() > model_.vocabulary_.longest_token()) return false;
    characters_.clear();
    append_byte_characters(piece, characters_);
    const std::optional<TokenId> id = model_.vocabulary_.find(characters_);
    if (id) tokens.push_back({*id, 0, static_cast<std::uint32_t>(piece.size())});
    return id.has_value();
  }

  void read_symbols(std::string_view piece) {
    symbols_.clear();
    symbols_.reserve(piece.size());
    bool after_unknown = false;
    for (std::uint32_t k = 0; k < piece.size(); ++k) {
      const TokenId id = model_.bytes_[static_cast<unsigned char>(piece[k])];
      if (id != bpe_detail::k_no_token) {
        symbols_.push_back({.id = id, .begin = k, .end = k + 1});
        after_unknown = false;
      } else if (model_.unknown_) {
        if (after_unknown && model_.fuse_unknown_) {
          symbols_.back().end = k + 1;
        } else {
          symbols_.push_back({.id = *model_.unknown_, .begin = k, .end = k + 1});
        }
        after_unknown = true;
      }
    }
  }

  /// Looks up what a symbol and the next one become.
  void rank_pair(std::size_t left, std::size_t right) {
    const Merge* merge = model_.merges_.find(symbols_[left].id, symbols_[right].id);
    symbols_[left].rank = merge != nullptr ? merge->rank : bpe_detail::k_no_rank;
    symbols_[left].merged = merge != nullptr ? merge->merged : bpe_detail::k_no_token;
  }

  /// Neighbours lie side by side; each step takes the least rank.
  void merge_short() {
    std::size_t count = symbols_.size();
    for (std::size_t k = 0; k + 1 < count; ++k) rank_pair(k, k + 1);
    while (count > 1) {
      std::size_t best = 0;
      for (std::size_t k = 1; k + 1 < count; ++k) {
        if (symbols_[k].rank < symbols_[best].rank) best = k;
      }
      if (symbols_[best].rank == bpe_detail::k_no_rank) break;
      symbols_[best].id = symbols_[best].merged;
      symbols_[best].end = symbols_[best + 1].end;
      symbols_.erase(symbols_.begin() + static_cast<std::ptrdiff_t>(best) + 1);
      --count;
      symbols_[best].rank = bpe_detail::k_no_rank;
      if (best + 1 < count) rank_pair(best, best + 1);
      if (best > 0) rank_pair(best - 1, best);
    }
  }

  /// Neighbours are linked; a heap gives the least rank in O(log n). An entry that no longer fits its place is passed
  /// over.
  void merge_long() {
    heap_.clear();
    const auto count = static_cast<std::uint32_t>(symbols_.size());
    for (std::uint32_t k = 0; k < count; ++k) {
      symbols_[k].previous = k > 0 ? k - 1 : bpe_detail::k_no_symbol;
      symbols_[k].next = k + 1 < count ? k + 1 : bpe_detail::k_no_symbol;
      if (k + 1 < count) rank_and_queue(k, k + 1);
    }
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const std::uint64_t entry = heap_.back();
      heap_.pop_back();
      const auto left = static_cast<std::uint32_t>(entry);
      if (symbols_[left].begin != symbols_[left].end && symbols_[left].rank == static_cast<std::uint32_t>(entry >> 32U))
        merge_at(left);
    }
    std::erase_if(symbols_, [](const Symbol& symbol) { return symbol.begin == symbol.end; });
  }

  void rank_and_queue(std::uint32_t left, std::uint32_t right) {
    rank_pair(left, right);
    if (symbols_[left].rank == bpe_detail::k_no_rank) return;
    heap_.push_back(static_cast<std::uint64_t>(symbols_[left].rank) << 32U | left);  // equal ranks: leftmost first
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

  void merge_at(std::uint32_t left) {
    Symbol& symbol = symbols_[left];
    Symbol& right = symbols_[symbol.next];
    symbol.id = symbol.merged;
    symbol.end = right.end;
    symbol.next = right.next;
    symbol.rank = bpe_detail::k_no_rank;
    right.begin = right.end;
    if (symbol.next != bpe_detail::k_no_symbol) {
      symbols_[symbol.next].previous = left;
      rank_and_queue(left, symbol.next);
    }
    if (symbol.previous != bpe_detail::k_no_symbol) rank_and_queue(symbol.previous, left);
  }

  void put_tokens(std::vector<PieceToken>& tokens) const {
    for (const Symbol& symbol : symbols_) tokens.push_back({symbol.id, symbol.begin, symbol.end});
  }

  const Bpe& model_;
  PieceCache cache_;
  std::string characters_;
  std::vector<Symbol> symbols_;
  std::vector<std::uint64_t> heap_;  ///< rank above, position below
};

EIGENFORMER_INLINE Bpe::Bpe(Vocabulary vocabulary, const MergeList& merges, const BpeOptions& options,
                            const std::string& where)
    : vocabulary_(std::move(vocabulary)),
      merges_(merges, vocabulary_, where),
      fuse_unknown_(options.fuse_unknown),
      ignore_merges_(options.ignore_merges) {
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    std::string character;
    append_character(k_character_of_byte[byte], character);
    bytes_[byte] = vocabulary_.find(character).value_or(bpe_detail::k_no_token);
  }
  if (options.unknown_token.empty()) return;
  unknown_ = vocabulary_.find(options.unknown_token);
  if (!unknown_) {
    throw TokenizerError({.id = "tokenizer.unknown_token",
                          .expected = "an unknown token that is in the vocabulary",
                          .found = format::in_quotes(options.unknown_token),
                          .where = where,
                          .remedy = "download the file again"});
  }
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> Bpe::encoder() const { return std::make_unique<BpeEncoder>(*this); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
