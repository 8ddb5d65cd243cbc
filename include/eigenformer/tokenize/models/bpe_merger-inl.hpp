#pragma once

#include <algorithm>
#include <functional>

#include "eigenformer/tokenize/models/bpe_merger.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void BpeMerger::merge(const std::vector<BpeStart>& starts, std::vector<PieceToken>& tokens) {
  symbols_.clear();
  symbols_.reserve(starts.size());
  for (const BpeStart& start : starts) {
    symbols_.push_back({.id = start.id, .begin = start.begin, .end = start.end});
  }
  if (symbols_.size() <= k_short) {
    merge_short();
  } else {
    merge_long();
  }
  for (const Symbol& symbol : symbols_) tokens.push_back({symbol.id, symbol.begin, symbol.end});
}

/// Looks up what a symbol and the next one become.
EIGENFORMER_INLINE void BpeMerger::rank_pair(std::size_t left, std::size_t right) {
  const Merge* merge = merges_.find(symbols_[left].id, symbols_[right].id);
  symbols_[left].rank = merge != nullptr ? merge->rank : k_no_rank;
  symbols_[left].merged = merge != nullptr ? merge->merged : 0;
}

/// Neighbours lie side by side; each step takes the least rank.
EIGENFORMER_INLINE void BpeMerger::merge_short() {
  std::size_t count = symbols_.size();
  for (std::size_t k = 0; k + 1 < count; ++k) rank_pair(k, k + 1);
  while (count > 1) {
    std::size_t best = 0;
    for (std::size_t k = 1; k + 1 < count; ++k) {
      if (symbols_[k].rank < symbols_[best].rank) best = k;
    }
    if (symbols_[best].rank == k_no_rank) break;
    symbols_[best].id = symbols_[best].merged;
    symbols_[best].end = symbols_[best + 1].end;
    symbols_.erase(symbols_.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    --count;
    symbols_[best].rank = k_no_rank;
    if (best + 1 < count) rank_pair(best, best + 1);
    if (best > 0) rank_pair(best - 1, best);
  }
}

/// Neighbours are linked; a heap gives the least rank in O(log n). An entry that no longer fits its place is passed
/// over.
EIGENFORMER_INLINE void BpeMerger::merge_long() {
  heap_.clear();
  const auto count = static_cast<std::uint32_t>(symbols_.size());
  for (std::uint32_t k = 0; k < count; ++k) {
    symbols_[k].previous = k > 0 ? k - 1 : k_no_symbol;
    symbols_[k].next = k + 1 < count ? k + 1 : k_no_symbol;
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

EIGENFORMER_INLINE void BpeMerger::rank_and_queue(std::uint32_t left, std::uint32_t right) {
  rank_pair(left, right);
  if (symbols_[left].rank == k_no_rank) return;
  heap_.push_back(static_cast<std::uint64_t>(symbols_[left].rank) << 32U | left);  // equal ranks: leftmost first
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

EIGENFORMER_INLINE void BpeMerger::merge_at(std::uint32_t left) {
  Symbol& symbol = symbols_[left];
  Symbol& right = symbols_[symbol.next];
  symbol.id = symbol.merged;
  symbol.end = right.end;
  symbol.next = right.next;
  symbol.rank = k_no_rank;
  right.begin = right.end;
  if (symbol.next != k_no_symbol) {
    symbols_[symbol.next].previous = left;
    rank_and_queue(left, symbol.next);
  }
  if (symbol.previous != k_no_symbol) rank_and_queue(symbol.previous, left);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
