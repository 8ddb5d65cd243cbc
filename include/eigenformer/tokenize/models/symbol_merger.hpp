// The merging of byte pair encoding, whatever the symbols are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A token under construction, in a list: `rank` is that of the merge with the next one.
struct Symbol {
  static constexpr std::uint32_t k_no_rank = Merge::k_no_rank;
  static constexpr std::uint32_t k_no_symbol = std::numeric_limits<std::uint32_t>::max();

  TokenId id = 0;
  std::uint32_t begin = 0;  ///< of its bytes in the piece
  std::uint32_t end = 0;    ///< equal to `begin`: merged into the one before
  std::uint32_t rank = k_no_rank;
  TokenId merged = -1;
  std::uint32_t previous = k_no_symbol;
  std::uint32_t next = k_no_symbol;
};

/// Merges the neighbours of lowest rank, of equal ones the leftmost, until none merge. `Watch` is called with the two
/// symbols whenever a pair that would merge is found.
class SymbolMerger {
 public:
  struct Unwatched {
    void operator()(const Symbol&, const Symbol&) const {}
  };
  template <class Watch = Unwatched>
  void merge(std::vector<Symbol>& symbols, const MergeTable& merges, Watch watch = {}) {
    if (symbols.size() <= k_short) {
      merge_short(symbols, merges, watch);
    } else {
      merge_long(symbols, merges, watch);
    }
  }

 private:
  static constexpr std::size_t k_short = 24;  ///< up to here looking at every pair is faster than a heap

  /// Looks up what a symbol and the next one become.
  template <class Watch>
  static void rank_pair(Symbol& left, const Symbol& right, const MergeTable& merges, Watch& watch) {
    const Merge* merge = merges.find(left.id, right.id);
    left.rank = merge != nullptr ? merge->rank : Symbol::k_no_rank;
    left.merged = merge != nullptr ? merge->merged : -1;
    if (merge != nullptr) watch(left, right);
  }

  /// Neighbours lie side by side; each step takes the least rank.
  template <class Watch>
  static void merge_short(std::vector<Symbol>& symbols, const MergeTable& merges, Watch& watch) {
    std::size_t count = symbols.size();
    const auto rank = [&](std::size_t left) { rank_pair(symbols[left], symbols[left + 1], merges, watch); };
    for (std::size_t k = 0; k + 1 < count; ++k) rank(k);
    while (count > 1) {
      std::size_t best = 0;
      for (std::size_t k = 1; k + 1 < count; ++k) {
        if (symbols[k].rank < symbols[best].rank) best = k;
      }
      if (symbols[best].rank == Symbol::k_no_rank) break;
      symbols[best].id = symbols[best].merged;
      symbols[best].end = symbols[best + 1].end;
      symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
      --count;
      symbols[best].rank = Symbol::k_no_rank;
      if (best > 0) rank(best - 1);
      if (best + 1 < count) rank(best);
    }
  }

  /// Neighbours are linked; a heap gives the least rank in O(log n). An entry that no longer fits its place is passed
  /// over.
  template <class Watch>
  void merge_long(std::vector<Symbol>& symbols, const MergeTable& merges, Watch& watch) {
    heap_.clear();
    const auto count = static_cast<std::uint32_t>(symbols.size());
    const auto list_pair = [&](std::uint32_t left) {
      rank_pair(symbols[left], symbols[symbols[left].next], merges, watch);
      if (symbols[left].rank == Symbol::k_no_rank) return false;
      heap_.push_back(static_cast<std::uint64_t>(symbols[left].rank) << 32U | left);  // equal ranks: leftmost first
      return true;
    };
    for (std::uint32_t k = 0; k < count; ++k) {
      symbols[k].previous = k > 0 ? k - 1 : Symbol::k_no_symbol;
      symbols[k].next = k + 1 < count ? k + 1 : Symbol::k_no_symbol;
      if (k + 1 < count) list_pair(k);
    }
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
    const auto rank = [&](std::uint32_t left) {
      if (list_pair(left)) std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    };
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const std::uint64_t entry = heap_.back();
      heap_.pop_back();
      const auto left = static_cast<std::uint32_t>(entry);
      const bool merged_away = symbols[left].begin == symbols[left].end;
      if (merged_away || symbols[left].rank != static_cast<std::uint32_t>(entry >> 32U)) continue;
      join(symbols, left);
      if (symbols[left].previous != Symbol::k_no_symbol) rank(symbols[left].previous);
      if (symbols[left].next != Symbol::k_no_symbol) rank(left);
    }
    std::erase_if(symbols, [](const Symbol& symbol) { return symbol.begin == symbol.end; });
  }

  static void join(std::vector<Symbol>& symbols, std::uint32_t left) {
    Symbol& symbol = symbols[left];
    Symbol& right = symbols[symbol.next];
    symbol.id = symbol.merged;
    symbol.end = right.end;
    symbol.next = right.next;
    symbol.rank = Symbol::k_no_rank;
    right.begin = right.end;
    if (symbol.next != Symbol::k_no_symbol) symbols[symbol.next].previous = left;
  }

  std::vector<std::uint64_t> heap_;  ///< rank above, position below
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
