// Which pairs of tokens merge, how early, and into what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Merges as a file lists them, the first being the most important.
struct MergeList {
  struct Entry {
    std::size_t begin = 0;   ///< of the left token in `text`
    std::size_t middle = 0;  ///< where the left one ends and the right one begins
    std::size_t end = 0;
  };
  std::string text;
  std::vector<Entry> entries;

  void add(std::string_view left, std::string_view right);
  /// "left right". TokenizerError "tokenizer.merge_syntax" unless there is one space, between two texts.
  void add_line(std::string_view line, const std::string& where);
};

/// What a pair of neighbours becomes.
struct Merge {
  std::uint32_t rank = 0;  ///< lowest first
  TokenId merged = 0;
};

/// A merge by the ids of its two sides.
struct PairMerge {
  TokenId left = 0;
  TokenId right = 0;
  Merge merge = {};
};

class MergeTable {
 public:
  /// Of two merges of one pair the later one counts.
  explicit MergeTable(const std::vector<PairMerge>& merges);
  /// TokenizerError "tokenizer.merge_unknown_token" where a merge names, or makes, a token that the vocabulary lacks.
  /// Of two merges of one pair the later one counts. `continuing_prefix` is what tokens inside a word begin with: a
  /// merge makes its left text and its right one without it.
  MergeTable(const MergeList& list, const Vocabulary& vocabulary, std::string_view continuing_prefix,
             const std::string& where);

  /// Calls `visit(left, right)` for every pair that merges.
  template <class Visit>
  void for_each_pair(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.key != k_free) visit(static_cast<TokenId>(slot.key >> 32U), static_cast<TokenId>(slot.key));
    }
  }
  /// Null where the pair does not merge.
  const Merge* find(TokenId left, TokenId right) const {
    const std::uint64_t key = key_of(left, right);
    for (std::size_t slot = slot_of(key);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot].key == key) return &slots_[slot].merge;
      if (slots_[slot].key == k_free) return nullptr;
    }
  }

 private:
  struct Slot {
    std::uint64_t key = k_free;
    Merge merge;
  };
  static constexpr std::uint64_t k_free = ~std::uint64_t{0};  // ids are not negative
  static std::uint64_t key_of(TokenId left, TokenId right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U | static_cast<std::uint32_t>(right);
  }
  std::size_t slot_of(std::uint64_t key) const;
  void resize_for(std::size_t count);
  void insert(const PairMerge& merge);

  std::vector<Slot> slots_;  ///< a power of two, at most half full
  std::uint64_t seed_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/merge_table-inl.hpp"
#endif
