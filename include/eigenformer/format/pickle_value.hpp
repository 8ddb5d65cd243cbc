// What a pickle makes. Values are small and lie in a few pools, so that an opcode, which may be a single byte, costs
// a few bytes and no allocation of its own, and so that nothing is ever freed by recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

enum class PickleKind : std::uint8_t {
  none,
  boolean,
  integer,
  large_integer,  ///< of more than 64 bits: kept as its bytes
  real,           ///< not kept: nothing asks for one
  text,
  tuple,
  list,
  dictionary,
  global,  ///< a name that the host knows
  object,  ///< what the host made of a persistent id, or of a global and its arguments
};

struct PickleValue {
  PickleKind kind = PickleKind::none;
  std::uint32_t tag = 0;     ///< texts: bytes; tuples: items; globals and objects: the host's
  std::int64_t payload = 0;  ///< numbers: the value; others: where they lie in the pool
};

/// The pools. A list or dictionary is filled before it is put anywhere else and never after, as picklers do it: so no
/// value can hold itself.
class PickleHeap {
 public:
  PickleValue make_text(PickleKind kind, std::string_view text) {
    const auto place = static_cast<std::int64_t>(texts_.size());
    texts_ += text;
    return {kind, static_cast<std::uint32_t>(text.size()), place};
  }
  PickleValue make_tuple(std::span<const PickleValue> items) {
    const auto place = static_cast<std::int64_t>(tuples_.size());
    for (const PickleValue& item : items) finish(item);
    tuples_.insert(tuples_.end(), items.begin(), items.end());
    stored_ += items.size();
    return {PickleKind::tuple, static_cast<std::uint32_t>(items.size()), place};
  }
  /// An empty list or dictionary.
  PickleValue make_container(PickleKind kind) {
    containers_.emplace_back();
    return {kind, 0, static_cast<std::int64_t>(containers_.size() - 1)};
  }
  /// Adds to a list, or keys and values in turn to a dictionary; false where it has already been put somewhere.
  bool fill(PickleValue container, std::span<const PickleValue> items) {
    for (const PickleValue& item : items) finish(item);
    Container& filled = containers_[static_cast<std::size_t>(container.payload)];
    if (filled.finished) return false;
    if (filled.items == nullptr) filled.items = std::make_unique<std::vector<PickleValue>>();
    filled.items->insert(filled.items->end(), items.begin(), items.end());
    stored_ += items.size();
    return true;
  }
  /// Marks a list or dictionary as put somewhere.
  void finish(PickleValue value) {
    if (!is_container(value)) return;
    containers_[static_cast<std::size_t>(value.payload)].finished = true;
  }

  /// Of a text, or the bytes of a large integer. Valid until the next one is made.
  std::string_view text(PickleValue value) const {
    return std::string_view(texts_).substr(static_cast<std::size_t>(value.payload), value.tag);
  }
  /// Of a tuple, list or dictionary. Valid until the next value is made.
  std::span<const PickleValue> items(PickleValue value) const {
    const auto place = static_cast<std::size_t>(value.payload);
    if (is_container(value)) {
      const Container& container = containers_[place];
      return container.items == nullptr ? std::span<const PickleValue>() : std::span(std::as_const(*container.items));
    }
    return std::span(tuples_).subspan(place, value.tag);
  }

  static bool is_container(PickleValue value) {
    return value.kind == PickleKind::list || value.kind == PickleKind::dictionary;
  }
  std::size_t containers() const { return containers_.size(); }
  /// Items of all tuples, lists and dictionaries.
  std::size_t stored() const { return stored_; }

 private:
  struct Container {
    std::unique_ptr<std::vector<PickleValue>> items;  ///< null while it is empty, as those of most pickles are
    bool finished = false;
  };

  std::string texts_;
  std::vector<PickleValue> tuples_;
  std::deque<Container> containers_;  ///< which grows without a second copy
  std::size_t stored_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
