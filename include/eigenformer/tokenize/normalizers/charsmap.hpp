// The table of replacements that sentencepiece compiles its normalization into: a double array of the sources, and the
// targets behind it. The layout of the cells is that of darts-clone,
// https://github.com/s-yata/darts-clone/blob/e40ce4627526985a7767444b6ed6893ab6ff8983/include/darts.h#L66-L113
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class Charsmap {
 public:
  /// Nothing is replaced.
  Charsmap() = default;
  /// The bytes as a model file holds them. Every path is walked once: TokenizerError "tokenizer.charsmap" where a cell
  /// or a target lies outside, a path comes back to itself, or a target is no UTF-8.
  Charsmap(std::string_view bytes, const std::string& where);

  bool empty() const { return cells_.empty(); }
  struct Match {
    std::size_t bytes = 0;     ///< of the source
    std::string_view instead;  ///< lives as long as the table
  };
  /// The longest source that the text begins with.
  std::optional<Match> longest(std::string_view text) const;
  /// The shortest.
  std::optional<Match> shortest(std::string_view text) const;

 private:
  friend class CharsmapCheck;
  /// A cell of the double array: a node, or the value of the node before it.
  struct Cell {
    std::uint32_t bits = 0;
    std::uint32_t label() const { return bits & 0x800000FFU; }  ///< beyond 255: not a node
    bool has_value() const { return (bits >> 8U & 1U) != 0; }
    std::uint32_t value() const { return bits & 0x7FFFFFFFU; }
    std::uint32_t offset() const { return bits >> 10U << ((bits & 0x200U) >> 6U); }
  };
  template <class Take>
  void walk(std::string_view text, Take take) const;
  std::string_view target(std::uint32_t begin) const {
    return std::string_view(targets_).substr(begin, targets_.find('\0', begin) - begin);
  }

  std::vector<Cell> cells_;
  std::string targets_;  ///< each ends at a zero byte
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/charsmap-inl.hpp"
#endif
