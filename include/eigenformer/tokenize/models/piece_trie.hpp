// Finds every piece of a vocabulary that begins at a place of a text: a double array
// (https://doi.org/10.1109/32.31365) whose cells are addressed by exclusive or, so that a step is two loads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class PieceTrie {
 public:
  using Node = std::uint32_t;
  static constexpr Node k_root = 0;
  static constexpr Node k_none = 0xFFFFFFFFU;

  struct Piece {
    std::string_view text;
    TokenId id = 0;
  };

  PieceTrie() = default;
  /// Of two pieces of one text that of the higher id counts. Empty pieces are left out. The texts are not kept.
  /// TokenizerError "tokenizer.vocabulary_size" beyond k_most_trie_nodes.
  PieceTrie(std::vector<Piece> pieces, const std::string& where, format::LoadWatch watch = {});

  bool empty() const { return empty_; }
  /// The node of one more byte, or k_none.
  Node step(Node node, char byte) const {
    const Node next = cells_[node].base ^ static_cast<unsigned char>(byte);
    return cells_[next].parent == node ? next : k_none;
  }
  /// The id of the piece that ends at a node, or -1.
  TokenId id(Node node) const { return cells_[node].id; }
  /// The id of the piece of this text, or -1.
  TokenId find(std::string_view text) const {
    Node node = k_root;
    for (std::size_t k = 0; k < text.size() && node != k_none; ++k) node = step(node, text[k]);
    return node == k_none || node == k_root ? -1 : id(node);
  }
  /// The id and the length of the longest piece that begins the text; -1 and 0 where there is none.
  struct Longest {
    TokenId id = -1;
    std::size_t bytes = 0;
  };
  Longest longest(std::string_view text) const {
    Longest found;
    Node node = k_root;
    for (std::size_t k = 0; k < text.size(); ++k) {
      node = step(node, text[k]);
      if (node == k_none) break;
      if (id(node) >= 0) found = {id(node), k + 1};
    }
    return found;
  }

 private:
  friend class PieceTrieBuilder;
  struct Cell {
    std::uint32_t base = 0;
    Node parent = k_none;  ///< k_none: free, or the root
    TokenId id = -1;
  };
  std::vector<Cell> cells_ = std::vector<Cell>(256);  ///< whole blocks of 256, so that no step leaves them
  bool empty_ = true;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/piece_trie-inl.hpp"
#endif
