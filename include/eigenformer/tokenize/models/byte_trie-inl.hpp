#pragma once

#include <algorithm>

#include "eigenformer/tokenize/models/byte_trie.hpp"
#include "eigenformer/tokenize/models/trie_nodes.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace byte_trie_detail {

/// The entries that pass through a node.
struct Through {
  std::uint32_t node;
  std::size_t begin, end;
};

}  // namespace byte_trie_detail

/// Level by level, so that the children of a node lie side by side.
EIGENFORMER_INLINE ByteTrie::ByteTrie(std::vector<Entry> entries, const std::string& where) {
  using byte_trie_detail::Through;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.text < b.text; });
  const std::size_t nodes = count_trie_nodes(entries);
  check_trie_nodes(nodes, k_most_trie_nodes, where);
  nodes_.reserve(nodes);
  std::vector<Through> level = {{0, 0, entries.size()}}, next;
  for (std::size_t depth = 0; !level.empty(); ++depth, level.swap(next), next.clear()) {
    for (Through& here : level) {
      for (; here.begin < here.end && entries[here.begin].text.size() == depth; ++here.begin) {
        nodes_[here.node].id = entries[here.begin].id;
      }
      nodes_[here.node].first_child = static_cast<std::uint32_t>(nodes_.size());
      for (std::size_t k = here.begin; k < here.end;) {
        const char byte = entries[k].text[depth];
        const std::size_t begin = k;
        while (k < here.end && entries[k].text[depth] == byte) ++k;
        next.push_back({static_cast<std::uint32_t>(nodes_.size()), begin, k});
        if (depth == 0) roots_[static_cast<unsigned char>(byte)] = next.back().node;
        ++nodes_[here.node].children;
        nodes_.push_back({.byte = static_cast<std::uint8_t>(byte)});
      }
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
