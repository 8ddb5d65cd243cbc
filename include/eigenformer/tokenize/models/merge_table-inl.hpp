#pragma once

#include <algorithm>
#include <bit>
#include <optional>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace merge_table_detail {

inline constexpr std::size_t k_ahead = 8;  // look-ups that memory works on while earlier ones are finished

/// Finds the ids of the tokens that a list of merges names and makes.
class MergeReader {
 public:
  MergeReader(const MergeList& list, const Vocabulary& vocabulary, const std::string& where)
      : list_(list), vocabulary_(vocabulary), where_(where), watch_(list.watch) {}

  std::vector<PairMerge> read(std::string_view continuing_prefix) {
    std::vector<PairMerge> merges;
    merges.reserve(list_.size());
    for (std::size_t k = 0; k < list_.size(); ++k) {
      watch_.step();
      if (k + k_ahead < list_.size()) {
        vocabulary_.prefetch_slot(list_.left(k + k_ahead));
        vocabulary_.prefetch_slot(list_.right(k + k_ahead));
      }
      rank_ = static_cast<std::uint32_t>(k);
      const std::string_view left_text = list_.left(k), right_text = list_.right(k);
      const TokenId left = id_of(left_text), right = id_of(right_text);
      const std::size_t prefix = std::min(continuing_prefix.size(), right_text.size());
      const TokenId merged = prefix == 0 ? id_of_merged(list_.both(k))
                                         : id_of_merged(std::string(left_text).append(right_text.substr(prefix)));
      merges.push_back({left, right, {rank_, merged}});
    }
    return merges;
  }

 private:
  TokenId id_of(std::string_view token) const {
    if (const std::optional<TokenId> id = vocabulary_.find(token)) return *id;
    throw TokenizerError({.id = "tokenizer.merge_unknown_token",
                          .expected = "merges of tokens that are in the vocabulary",
                          .found = format::in_quotes(token),
                          .where = where_ + ", merge " + std::to_string(rank_),
                          .remedy = "check that vocabulary and merges belong together"});
  }
  /// Most lists are in the order of the tokens that they make, so that token, or the next, is tried before a look-up.
  TokenId id_of_merged(std::string_view token) {
    for (const TokenId guess : {last_, last_ + 1}) {
      if (guess >= 0 && static_cast<std::size_t>(guess) < vocabulary_.size() && vocabulary_.token(guess) == token) {
        return last_ = guess;
      }
    }
    return last_ = id_of(token);
  }

  const MergeList& list_;
  const Vocabulary& vocabulary_;
  const std::string& where_;
  format::LoadWatch watch_;
  std::uint32_t rank_ = 0;
  TokenId last_ = -1;
};

}  // namespace merge_table_detail

EIGENFORMER_INLINE void MergeList::add(std::string_view left, std::string_view right) {
  texts.push_back(left);
  texts.push_back(right);
  watch.step();
}

EIGENFORMER_INLINE void MergeList::add_line(std::string_view line, const std::string& where) {
  const std::size_t space = line.find(' ');
  const bool sound = space != std::string_view::npos && line.find(' ', space + 1) == std::string_view::npos;
  if (!sound || space == 0 || space + 1 == line.size()) {
    throw TokenizerError({.id = "tokenizer.merge_syntax",
                          .expected = "two tokens with one space between them",
                          .found = format::in_quotes(line),
                          .where = where + ", merge " + std::to_string(size()),
                          .remedy = "download the file again"});
  }
  add(line.substr(0, space), line.substr(space + 1));
}

EIGENFORMER_INLINE void MergeTable::resize_for(std::size_t count) {
  slots_.assign(std::bit_ceil(std::max<std::size_t>(2 * count, 2)), {});
  filter_.assign(std::bit_ceil(std::max<std::size_t>(k_filter_bits_a_pair * count, 64)) / 64, 0);
  low_.assign(k_low * k_low, {});
  seed_ = seed_from_address(slots_.data());
}

EIGENFORMER_INLINE void MergeTable::insert(const PairMerge& merge) {
  const std::uint64_t key = key_of(merge.left, merge.right);
  const std::uint64_t hash = mix(key ^ seed_);
  const std::uint64_t bit = filter_bit(hash);
  filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
  if (merge.left >= 0 && merge.right >= 0 && std::size_t(std::max(merge.left, merge.right)) < k_low) {
    low_[low_place(merge.left, merge.right)] = merge.merge;
  }
  std::size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot].key != k_free && slots_[slot].key != key) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = {key, merge.merge};
}

EIGENFORMER_INLINE void MergeTable::insert_all(const std::vector<PairMerge>& merges, format::LoadWatch watch) {
  resize_for(merges.size());
  for (std::size_t k = 0; k < merges.size(); ++k) {
    if (const std::size_t next = k + merge_table_detail::k_ahead; next < merges.size()) {
      prefetch(&slots_[mix(key_of(merges[next].left, merges[next].right) ^ seed_) & (slots_.size() - 1)]);
    }
    insert(merges[k]);
    watch.step();
  }
}

EIGENFORMER_INLINE MergeTable::MergeTable(const MergeList& list, const Vocabulary& vocabulary,
                                          std::string_view continuing_prefix, const std::string& where) {
  insert_all(merge_table_detail::MergeReader(list, vocabulary, where).read(continuing_prefix), list.watch);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
