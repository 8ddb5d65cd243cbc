// What every operation of a rendering shares: the budgets, the place in the template, and the ways to fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/chat/template/date.hpp"
#include "eigenformer/chat/template/limits.hpp"
#include "eigenformer/chat/template/objects.hpp"
#include "eigenformer/chat/template/place.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {

namespace templating {

class Runtime {
 public:
  Runtime(const TemplateLimits& limits, std::string_view where, const std::optional<DateTime>& now)
      : limits_(limits), now_(now), where_(where), steps_left_(limits.steps) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  const TemplateLimits& limits() const { return limits_; }
  const std::optional<DateTime>& now() const { return now_; }
  int line() const { return line_; }
  void set_line(int line) { line_ = line; }

  /// Charges `count` operations.
  void step(std::size_t count = 1) {
    if (count > steps_left_) fail_steps();
    steps_left_ -= count;
  }
  /// Charges for reading or writing `count` bytes of text.
  void bytes(std::size_t count) {
    bytes_ += count;
    if (bytes_ < 64) return;
    step(bytes_ / 64);
    bytes_ %= 64;
  }
  /// Charges for text that is walked character by character, which takes many times as long as copying it.
  void characters(std::size_t count) { bytes(16 * count); }
  /// Refuses a text that is about to grow to `size` bytes.
  void check_text(std::size_t size) const {
    if (size > limits_.output_bytes) fail_text(size);
  }
  /// Refuses a list that is about to have `length` items, and charges for it.
  void check_length(std::size_t length) {
    if (length > limits_.list_length) fail_length(length);
    step(length);
  }
  void check_depth(std::size_t depth) const {
    if (depth > limits_.depth) fail_depth();
  }

  /// Whether Python could use the value as a key of a dict: scalars, text, and tuples of such. Charges for comparing it
  /// with the keys that a look-up among `entries` of them meets.
  bool is_key(const Value& value, std::size_t entries);

  Value text(Text text) const;
  Value list(std::vector<Value> items, Kind kind = Kind::list);
  Value dict(std::vector<std::pair<Value, Value>> entries);
  Value iterator(std::vector<Value> items, const char* type_name = "generator");
  /// A generator of what `fill` appends to a list. An error of `fill` is told where the generator is walked that far,
  /// if it ever is; but not one of the budgets, nor of what the interpreter does not know.
  Value generator(const std::function<void(std::vector<Value>& items)>& fill);
  /// A namespace lives as long as the rendering: it alone can hold itself.
  Value space(std::vector<std::pair<std::string, Value>> attributes);
  Value undefined(std::string message, Absence absence = Absence::missing) const;

  [[noreturn]] void fail_type(std::string expected, std::string found) const {
    place().fail_type(std::move(expected), std::move(found));
  }
  [[noreturn]] void fail_value(std::string expected, std::string found) const {
    place().fail_value(std::move(expected), std::move(found));
  }
  [[noreturn]] void fail_unsupported(std::string construct) const { place().fail_unsupported(std::move(construct)); }
  /// Use of an undefined value.
  [[noreturn]] void fail_undefined(const Value& undefined) const;
  [[noreturn]] void fail_depth() const { place().fail_depth(limits_.depth); }
  SourcePlace place() const { return {where_, line_}; }

 private:
  [[noreturn]] void fail_steps() const;
  [[noreturn]] void fail_text(std::size_t size) const;
  [[noreturn]] void fail_length(std::size_t length) const;

  const TemplateLimits& limits_;
  const std::optional<DateTime>& now_;
  std::string_view where_;
  std::size_t steps_left_;
  std::size_t bytes_ = 0;  // not charged yet
  int line_ = 1;
  std::vector<std::shared_ptr<NamespaceObject>> spaces_;
};

/// The name of the value's type as Python's error messages have it: "str", "list", "NoneType".
std::string type_name(const Value& value);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
