// Merging neighbours by rank, as byte pair encoding does: https://arxiv.org/abs/1508.07909
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/bpe_alphabet.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"
#include "eigenformer/tokenize/models/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Merges the neighbours of lowest rank, the leftmost first, until none merge. Works in buffers that it keeps.
class BpeMerger {
 public:
  explicit BpeMerger(const MergeTable& merges) : merges_(merges) {}
  /// Appends what the first tokens of a piece become.
  void merge(const std::vector<BpeStart>& starts, std::vector<PieceToken>& tokens);

 private:
  static constexpr std::uint32_t k_no_rank = 0xFFFFFFFFU;
  static constexpr std::uint32_t k_no_symbol = 0xFFFFFFFFU;
  static constexpr std::size_t k_short = 24;  ///< up to here looking at every pair is faster than a heap

  /// A token under construction, in a list: `rank` is that of the merge with the next one.
  struct Symbol {
    TokenId id = 0;
    std::uint32_t begin = 0;  ///< of its bytes in the piece
    std::uint32_t end = 0;    ///< equal to `begin`: merged into the one before
    std::uint32_t rank = k_no_rank;
    TokenId merged = 0;
    std::uint32_t previous = k_no_symbol;
    std::uint32_t next = k_no_symbol;
  };
  void rank_pair(std::size_t left, std::size_t right);
  void merge_short();
  void merge_long();
  void rank_and_queue(std::uint32_t left, std::uint32_t right);
  void merge_at(std::uint32_t left);

  const MergeTable& merges_;
  std::vector<Symbol> symbols_;
  std::vector<std::uint64_t> heap_;  ///< rank above, position below
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/bpe_merger-inl.hpp"
#endif
