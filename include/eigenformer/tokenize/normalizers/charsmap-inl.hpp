#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/normalizers/charsmap.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace charsmap_detail {

inline constexpr std::size_t k_most_bytes = std::size_t{16} << 20U;
inline constexpr std::size_t k_longest_target = 128;  // a text that is put in for another may not let texts explode
inline constexpr std::uint32_t k_most_matches = 32;   // the library keeps as many sources that begin one another

[[noreturn]] inline void refuse(const std::string& expected, const std::string& found, const std::string& where) {
  throw TokenizerError({.id = "tokenizer.charsmap",
                        .expected = "a table of replacements with " + expected,
                        .found = found,
                        .where = where,
                        .remedy = "download the file again"});
}

inline std::uint32_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned k = 0; k < 4; ++k)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + k])) << 8 * k;
  return value;
}

}  // namespace charsmap_detail

/// Walks every path of a table from its root. Subtrees may be shared, so each node is entered once and its depth in
/// matches is kept.
class CharsmapCheck {
 public:
  CharsmapCheck(const Charsmap& map, const std::string& where) : map_(map), where_(where) {}

  void run() {
    list_children();
    state_.assign(map_.cells_.size(), State::untouched);
    matches_.assign(map_.cells_.size(), 0);
    enter(0);
    while (!path_.empty()) {
      const std::uint32_t node = path_.back();
      const std::uint32_t child = next_[node] < begins_[node_base(node) + 1] ? children_[next_[node]++] : k_none;
      if (child == k_none) {
        leave(node);
      } else if (state_[child] == State::on_path) {
        charsmap_detail::refuse("paths that end", "one that comes back to cell " + std::to_string(child), where_);
      } else if (state_[child] == State::untouched) {
        enter(child);
      } else {
        count_matches(node, child);
      }
    }
  }

 private:
  enum class State : std::uint8_t { untouched, on_path, done };
  static constexpr std::uint32_t k_none = 0xFFFFFFFFU;

  std::uint32_t node_base(std::uint32_t node) const { return node ^ map_.cells_[node].offset(); }

  /// A node's cell is its parent's base with its label, so the label tells the base: cells are sorted by that.
  void list_children() {
    const std::size_t count = map_.cells_.size();
    begins_.assign(count + 1, 0);
    const auto for_each_child = [&](auto visit) {
      for (std::uint32_t cell = 1; cell < count; ++cell) {
        const std::uint32_t label = map_.cells_[cell].label();
        if (label > 0 && label < 256 && (cell ^ label) < count) visit(cell ^ label, cell);
      }
    };
    for_each_child([&](std::uint32_t base, std::uint32_t) { ++begins_[base + 1]; });
    for (std::size_t k = 0; k < count; ++k) begins_[k + 1] += begins_[k];
    children_.resize(begins_.back());
    std::vector<std::uint32_t> at(begins_.begin(), begins_.end() - 1);
    for_each_child([&](std::uint32_t base, std::uint32_t cell) { children_[at[base]++] = cell; });
    next_.assign(count, 0);
  }

  void enter(std::uint32_t node) {
    const std::uint32_t base = node_base(node);
    if (base >= map_.cells_.size()) outside(node);
    if (node != 0 && map_.cells_[node].has_value()) check_value(base);
    state_[node] = State::on_path;
    next_[node] = begins_[base];
    path_.push_back(node);
  }
  void leave(std::uint32_t node) {
    if (node != 0 && map_.cells_[node].has_value()) ++matches_[node];
    if (matches_[node] > charsmap_detail::k_most_matches) {
      charsmap_detail::refuse("at most " + std::to_string(charsmap_detail::k_most_matches) + " sources in one another",
                              "more", where_);
    }
    state_[node] = State::done;
    path_.pop_back();
    if (!path_.empty()) count_matches(path_.back(), node);
  }
  void count_matches(std::uint32_t node, std::uint32_t child) {
    matches_[node] = std::max(matches_[node], matches_[child]);
  }

  void check_value(std::uint32_t cell) const {
    const std::uint32_t begin = map_.cells_[cell].value();
    if (begin >= map_.targets_.size()) {
      charsmap_detail::refuse("targets inside its " + std::to_string(map_.targets_.size()) + " bytes of text",
                              "one at " + std::to_string(begin), where_);
    }
    const std::string_view window =
        std::string_view(map_.targets_).substr(begin, charsmap_detail::k_longest_target + 1);
    if (window.find('\0') == std::string_view::npos) {
      charsmap_detail::refuse("targets of at most " + std::to_string(charsmap_detail::k_longest_target) + " bytes",
                              "a longer one at " + std::to_string(begin), where_);
    }
    const std::string_view target = map_.target(begin);
    if (find_ill_formed(target, 0) == target.size()) return;
    charsmap_detail::refuse("targets in UTF-8", "another one at " + std::to_string(begin), where_);
  }
  [[noreturn]] void outside(std::uint32_t node) const {
    charsmap_detail::refuse("paths inside its " + std::to_string(map_.cells_.size()) + " cells",
                            "one that leaves them at cell " + std::to_string(node), where_);
  }

  const Charsmap& map_;
  const std::string& where_;
  std::vector<std::uint32_t> begins_, children_;  ///< of each base, where its nodes lie in `children_`
  std::vector<std::uint32_t> next_;               ///< of each node on the path, the child to look at
  std::vector<State> state_;
  std::vector<std::uint32_t> matches_;  ///< the most values on a path from here down
  std::vector<std::uint32_t> path_;
};

EIGENFORMER_INLINE Charsmap::Charsmap(std::string_view bytes, const std::string& where) {
  using namespace charsmap_detail;
  constexpr std::size_t k_head = 4;
  if (bytes.size() > k_most_bytes) {
    refuse("at most " + std::to_string(k_most_bytes) + " bytes", std::to_string(bytes.size()), where);
  }
  const std::uint32_t cells_bytes = bytes.size() < k_head ? 0 : little_endian(bytes, 0);
  if (cells_bytes < 4 || cells_bytes % 4 != 0 || cells_bytes >= bytes.size() - k_head) {
    refuse("cells and texts in its " + std::to_string(bytes.size()) + " bytes",
           std::to_string(cells_bytes) + " bytes of cells", where);
  }
  cells_.reserve(cells_bytes / 4);
  for (std::size_t at = k_head; at < k_head + cells_bytes; at += 4) cells_.push_back({little_endian(bytes, at)});
  targets_ = std::string(bytes.substr(k_head + cells_bytes));
  if (targets_.back() != '\0') refuse("texts that end at a zero byte", "a last one that does not", where);
  CharsmapCheck(*this, where).run();
}

/// Calls `take(bytes, target)` for each source that the text begins with, as long as it gives true. Every step has been
/// found sound when the table was read, but for cells that no path reaches.
template <class Take>
void Charsmap::walk(std::string_view text, Take take) const {
  if (cells_.empty()) return;
  std::uint32_t base = cells_[0].offset();
  for (std::size_t k = 0; k < text.size(); ++k) {
    const auto byte = static_cast<unsigned char>(text[k]);
    const std::uint32_t node = base ^ byte;
    if (byte == 0 || node >= cells_.size() || cells_[node].label() != byte) return;
    base = node ^ cells_[node].offset();
    if (cells_[node].has_value() && !take(k + 1, cells_[base].value())) return;
  }
}

EIGENFORMER_INLINE std::optional<Charsmap::Match> Charsmap::longest(std::string_view text) const {
  std::size_t bytes = 0;
  std::uint32_t value = 0;
  walk(text, [&](std::size_t length, std::uint32_t begin) {
    bytes = length;
    value = begin;
    return true;
  });
  if (bytes == 0) return std::nullopt;
  return Match{bytes, target(value)};
}

EIGENFORMER_INLINE std::optional<Charsmap::Match> Charsmap::shortest(std::string_view text) const {
  std::optional<Match> match;
  walk(text, [&](std::size_t length, std::uint32_t begin) {
    match = Match{length, target(begin)};
    return false;
  });
  return match;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
