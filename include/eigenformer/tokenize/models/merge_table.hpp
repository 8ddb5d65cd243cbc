// Which pairs of tokens merge, how early, and into what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/text_list.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenize/hash.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Merges as a file lists them, the first being the most important.
struct MergeList {
  TextList texts = {};           ///< the left and the right side of one merge after the other
  format::LoadWatch watch = {};  ///< asked while it is made, and while it becomes a MergeTable

  std::size_t size() const { return texts.size() / 2; }
  void reserve(std::size_t count) { texts.reserve(2 * count); }
  std::string_view left(std::size_t number) const { return texts[2 * number]; }
  std::string_view right(std::size_t number) const { return texts[2 * number + 1]; }
  /// The two sides, which lie side by side.
  std::string_view both(std::size_t number) const {
    return {left(number).data(), left(number).size() + right(number).size()};
  }
  void add(std::string_view left, std::string_view right);
  /// "left right". TokenizerError "tokenizer.merge_syntax" unless there is one space, between two texts.
  void add_line(std::string_view line, const std::string& where);
};

/// What a pair of neighbours becomes.
struct Merge {
  static constexpr std::uint32_t k_no_rank = 0xFFFFFFFFU;
  std::uint32_t rank = k_no_rank;  ///< lowest first
  TokenId merged = 0;
};

/// A merge by the ids of its two sides.
struct PairMerge {
  TokenId left = 0;
  TokenId right = 0;
  Merge merge = {};
};

/// Most pairs that are asked for do not merge, and a large table is in no cache: a small set of hash bits turns most of
/// those down. Pairs of the lowest ids, which are the bytes in most vocabularies and where every piece of bytes begins,
/// have a table of their own.
class MergeTable {
 public:
  /// Of two merges of one pair the later one counts.
  explicit MergeTable(const std::vector<PairMerge>& merges, format::LoadWatch watch = {}) { insert_all(merges, watch); }
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
    if (static_cast<std::uint32_t>(left) < k_low && static_cast<std::uint32_t>(right) < k_low) {
      const Merge& merge = low_[low_place(left, right)];
      return merge.rank == Merge::k_no_rank ? nullptr : &merge;
    }
    const std::uint64_t key = key_of(left, right);
    const std::uint64_t hash = mix(key ^ seed_);
    if (!may_have(hash)) return nullptr;
    for (std::size_t slot = hash & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
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
  static constexpr std::size_t k_low = 320, k_filter_bits_a_pair = 8;
  static std::size_t low_place(TokenId left, TokenId right) {
    return static_cast<std::size_t>(left) * k_low + static_cast<std::size_t>(right);
  }
  /// The filter's bit is from the hash's upper half, the slot from the lower one.
  std::uint64_t filter_bit(std::uint64_t hash) const { return hash >> 32U & (filter_.size() * 64 - 1); }
  bool may_have(std::uint64_t hash) const {
    const std::uint64_t bit = filter_bit(hash);
    return (filter_[bit / 64] >> bit % 64 & 1U) != 0;
  }
  void resize_for(std::size_t count);
  void insert_all(const std::vector<PairMerge>& merges, format::LoadWatch watch);
  void insert(const PairMerge& merge);

  std::vector<Slot> slots_;            ///< a power of two, at most half full
  std::vector<std::uint64_t> filter_;  ///< a power of two
  std::vector<Merge> low_;             ///< of pairs of ids below k_low
  std::uint64_t seed_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/merge_table-inl.hpp"
#endif
