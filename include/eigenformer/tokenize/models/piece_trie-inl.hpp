#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/tokenize/models/piece_trie.hpp"
#include "eigenformer/tokenize/models/trie_nodes.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace piece_trie_detail {

inline constexpr std::uint32_t k_block = 256;
inline constexpr std::uint32_t k_open_blocks = 16;  // where room is looked for: older ones are full, or as good as
inline constexpr std::uint32_t k_open_cells = k_open_blocks * k_block;
inline constexpr int k_most_tries = 64;  // places looked at for one node, so that building stays linear

}  // namespace piece_trie_detail

/// Places the children of one node after the other, in an order that needs no recursion.
class PieceTrieBuilder {
 public:
  PieceTrieBuilder(std::vector<PieceTrie::Piece> pieces, std::vector<PieceTrie::Cell>& cells, format::LoadWatch watch)
      : pieces_(std::move(pieces)), cells_(cells), watch_(watch) {}

  void build(std::size_t nodes) {
    cells_.clear();
    cells_.reserve(nodes + nodes / 16 + piece_trie_detail::k_block);
    open_block();
    take(PieceTrie::k_root);
    todo_.push_back({0, pieces_.size(), 0, PieceTrie::k_root});
    while (!todo_.empty()) {
      const Range range = todo_.back();
      todo_.pop_back();
      watch_.step();
      place_children(range);
    }
  }

 private:
  using Cell = PieceTrie::Cell;
  /// The sorted pieces that share `depth` bytes, and the node of these.
  struct Range {
    std::size_t begin = 0, end = 0, depth = 0;
    PieceTrie::Node node = 0;
  };

  void place_children(const Range& range) {
    std::size_t begin = range.begin;
    while (begin < range.end && pieces_[begin].text.size() == range.depth) cells_[range.node].id = pieces_[begin++].id;
    if (begin == range.end) return;
    children_.clear();
    for (std::size_t k = begin; k < range.end;) {
      const char byte = pieces_[k].text[range.depth];
      std::size_t end = k;
      while (end < range.end && pieces_[end].text[range.depth] == byte) ++end;
      children_.push_back({k, end, range.depth + 1, static_cast<unsigned char>(byte)});
      k = end;
    }
    const std::uint32_t base = find_base();
    cells_[range.node].base = base;
    for (Range& child : children_) {
      child.node ^= base;
      take(child.node);
      cells_[child.node].parent = range.node;
      todo_.push_back(child);
    }
  }

  /// A base under which every child has a free cell.
  std::uint32_t find_base() {
    const std::uint32_t first = children_.front().node;
    std::uint32_t cell = first_free_;
    for (int tries = 0; cell != PieceTrie::k_none && tries < piece_trie_detail::k_most_tries; ++tries) {
      const std::uint32_t base = cell ^ first;
      const bool fits = std::all_of(children_.begin(), children_.end(),
                                    [&](const Range& child) { return link(base ^ child.node).is_free; });
      if (fits) return base;
      cell = link(cell).next;
    }
    return open_block();
  }

  /// Adds a block of free cells and gives its first cell; the oldest open block is closed.
  std::uint32_t open_block() {
    using namespace piece_trie_detail;
    const auto begin = static_cast<std::uint32_t>(cells_.size());
    if (begin >= k_open_cells) {
      for (std::uint32_t cell = begin - k_open_cells; cell < begin - k_open_cells + k_block; ++cell) take(cell);
    }
    cells_.resize(cells_.size() + k_block);
    for (std::uint32_t cell = begin; cell < begin + k_block; ++cell) give(cell);
    return begin;
  }

  struct Link {
    std::uint32_t previous = PieceTrie::k_none, next = PieceTrie::k_none;
    bool is_free = false;
  };
  Link& link(std::uint32_t cell) { return open_[cell % piece_trie_detail::k_open_cells]; }

  void give(std::uint32_t cell) {
    link(cell) = {last_free_, PieceTrie::k_none, true};
    (last_free_ == PieceTrie::k_none ? first_free_ : link(last_free_).next) = cell;
    last_free_ = cell;
  }
  void take(std::uint32_t cell) {
    Link& taken = link(cell);
    if (!taken.is_free) return;
    (taken.previous == PieceTrie::k_none ? first_free_ : link(taken.previous).next) = taken.next;
    (taken.next == PieceTrie::k_none ? last_free_ : link(taken.next).previous) = taken.previous;
    taken.is_free = false;
  }

  std::vector<PieceTrie::Piece> pieces_;
  std::vector<Cell>& cells_;
  format::LoadWatch watch_;
  std::vector<Link> open_ = std::vector<Link>(piece_trie_detail::k_open_cells);  ///< the cells of the last blocks
  std::uint32_t first_free_ = PieceTrie::k_none, last_free_ = PieceTrie::k_none;
  std::vector<Range> todo_, children_;
};

EIGENFORMER_INLINE PieceTrie::PieceTrie(std::vector<Piece> pieces, const std::string& where, format::LoadWatch watch) {
  std::erase_if(pieces, [](const Piece& piece) { return piece.text.empty(); });
  empty_ = pieces.empty();
  std::sort(pieces.begin(), pieces.end(), [&watch](const Piece& a, const Piece& b) {
    watch.step();
    const int order = a.text.compare(b.text);
    return order != 0 ? order < 0 : a.id < b.id;
  });
  const std::size_t nodes = count_trie_nodes(pieces);
  check_trie_nodes(nodes, k_most_trie_nodes, where);
  PieceTrieBuilder(std::move(pieces), cells_, watch).build(nodes);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
