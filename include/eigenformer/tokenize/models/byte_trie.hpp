// Texts by their bytes, for finding the longest that a text begins with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Built once. The children of a node lie side by side, in the order of their bytes.
class ByteTrie {
 public:
  struct Entry {
    std::string_view text;  ///< not empty
    TokenId id = 0;
  };
  ByteTrie() = default;
  /// Of two equal texts either may be found. TokenizerError "tokenizer.vocabulary_size" beyond k_most_trie_nodes.
  ByteTrie(std::vector<Entry> entries, const std::string& where);

  struct Match {
    TokenId id = -1;  ///< -1: none
    std::uint32_t bytes = 0;
  };
  /// The longest entry that `text` begins with.
  Match longest(std::string_view text) const {
    Match found;
    if (text.empty()) return found;
    std::uint32_t node = roots_[static_cast<unsigned char>(text[0])];
    for (std::size_t k = 1; node != 0; ++k) {
      if (nodes_[node].id >= 0) found = {nodes_[node].id, static_cast<std::uint32_t>(k)};
      if (k == text.size()) break;
      node = child(node, static_cast<unsigned char>(text[k]));
    }
    return found;
  }

 private:
  struct Node {
    TokenId id = -1;
    std::uint32_t first_child = 0;
    std::uint16_t children = 0;
    std::uint8_t byte = 0;
  };
  /// 0 where there is none: node 0 is nobody's child.
  std::uint32_t child(std::uint32_t node, unsigned char byte) const {
    constexpr std::uint16_t k_few = 8;
    std::uint32_t first = nodes_[node].first_child;
    std::uint16_t count = nodes_[node].children;
    while (count > k_few) {
      const auto half = static_cast<std::uint16_t>(count / 2);
      const bool above = nodes_[first + half].byte <= byte;
      first += above ? half : 0U;
      count = static_cast<std::uint16_t>(above ? count - half : half);
    }
    for (const std::uint32_t end = first + count; first < end; ++first) {
      if (nodes_[first].byte == byte) return first;
    }
    return 0;
  }

  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::array<std::uint32_t, 256> roots_{};
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/byte_trie-inl.hpp"
#endif
