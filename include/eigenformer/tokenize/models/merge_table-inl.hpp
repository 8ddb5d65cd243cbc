#pragma once

#include <algorithm>
#include <bit>
#include <optional>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void MergeList::add(std::string_view left, std::string_view right) {
  const std::size_t begin = text.size();
  text.append(left);
  const std::size_t middle = text.size();
  text.append(right);
  entries.push_back({begin, middle, text.size()});
}

EIGENFORMER_INLINE void MergeList::add_line(std::string_view line, const std::string& where) {
  const std::size_t space = line.find(' ');
  const bool sound = space != std::string_view::npos && line.find(' ', space + 1) == std::string_view::npos;
  if (!sound || space == 0 || space + 1 == line.size()) {
    throw TokenizerError({.id = "tokenizer.merge_syntax",
                          .expected = "two tokens with one space between them",
                          .found = format::in_quotes(line),
                          .where = where + ", merge " + std::to_string(entries.size()),
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

EIGENFORMER_INLINE MergeTable::MergeTable(const std::vector<PairMerge>& merges) {
  resize_for(merges.size());
  for (const PairMerge& merge : merges) insert(merge);
}

EIGENFORMER_INLINE MergeTable::MergeTable(const MergeList& list, const Vocabulary& vocabulary,
                                          std::string_view continuing_prefix, const std::string& where) {
  resize_for(list.entries.size());
  const std::string_view text = list.text;
  std::uint32_t rank = 0;
  const auto id_of = [&](std::string_view token) {
    const std::optional<TokenId> id = vocabulary.find(token);
    if (!id) {
      throw TokenizerError({.id = "tokenizer.merge_unknown_token",
                            .expected = "merges of tokens that are in the vocabulary",
                            .found = format::in_quotes(token),
                            .where = where + ", merge " + std::to_string(rank),
                            .remedy = "check that vocabulary and merges belong together"});
    }
    return *id;
  };
  // Most lists are in the order of the tokens that they make, so that token, or the next, is tried before it is sought.
  TokenId last = -1;
  const auto id_of_merged = [&](std::string_view token) {
    for (const TokenId guess : {last, last + 1}) {
      if (guess >= 0 && static_cast<std::size_t>(guess) < vocabulary.size() && vocabulary.token(guess) == token) {
        return last = guess;
      }
    }
    return last = id_of(token);
  };
  for (const MergeList::Entry& entry : list.entries) {
    const std::string_view left_text = text.substr(entry.begin, entry.middle - entry.begin);
    const std::string_view right_text = text.substr(entry.middle, entry.end - entry.middle);
    const TokenId left = id_of(left_text);
    const TokenId right = id_of(right_text);
    const std::size_t prefix = std::min(continuing_prefix.size(), right_text.size());
    const TokenId merged = prefix == 0 ? id_of_merged(text.substr(entry.begin, entry.end - entry.begin))
                                       : id_of_merged(std::string(left_text).append(right_text.substr(prefix)));
    insert({left, right, {rank, merged}});
    ++rank;
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
