// Values that a chat template sees: what JSON has, and strings that remember where each of their bytes came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {

/// Who wrote a string.
enum class Provenance : std::uint8_t {
  trusted,  ///< the model's folder or the host itself: the template's literals, bos_token
  content,  ///< a visitor or a tool: messages, documents, tool descriptions. Special tokens in it stay text.
};

/// Bytes [begin, end) of a text.
struct ByteSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

/// UTF-8 text and the spans of it that came from content: sorted, disjoint, not touching, none empty.
struct Text {
  std::string bytes;
  std::vector<ByteSpan> content;
  bool escaped = false;  ///< what the filters `safe` and `escape` return; text added to it is HTML-escaped first
};

namespace templating {

struct Object;

/// What a value is. Those after `object` exist only while a template is being rendered.
enum class Kind : std::uint8_t {
  missing,  // a name or argument that was never given
  undefined,
  none,
  boolean,
  integer,
  number,
  text,
  list,
  object,
  tuple,
  range,
  iterator,
  view,
  space,
  loop,
  macro,
  function,
  method,
  cycler,
  joiner,
};

}  // namespace templating

/// A JSON-like value: none, boolean, 64-bit integer, number, text, list, or object whose keys keep their order.
/// Copies are cheap: texts, lists and objects are shared and never change.
class Value {
 public:
  Value() = default;  ///< none
  static Value boolean(bool value);
  static Value integer(std::int64_t value);
  static Value number(double value);
  static Value text(std::string bytes, Provenance provenance = Provenance::trusted);
  /// A list; with Provenance::content its brackets and commas count as content too when it is printed.
  static Value list(std::vector<Value> items, Provenance provenance = Provenance::trusted);
  /// An object; of two equal keys the later value stays, in the place of the first. Keys are marked as `provenance`
  /// says.
  static Value object(std::vector<std::pair<std::string, Value>> entries, Provenance provenance = Provenance::trusted);

  /// From JSON text, with the order of its keys. Every string, keys too, is marked as `provenance` says. ChatError
  /// "chat.template_json" where it is not JSON, "chat.template_value" where an integer does not fit 64 bits with sign,
  /// and "chat.template_budget" where lists and objects nest deeper than 100.
  static Value parse_json(std::string_view json, Provenance provenance);

  // What follows is for the interpreter.
  explicit Value(templating::Kind kind, std::int64_t scalar = 0) : kind_(kind), integer_(scalar) {}
  Value(templating::Kind kind, std::shared_ptr<templating::Object> object) : kind_(kind), object_(std::move(object)) {}

  templating::Kind kind() const noexcept { return kind_; }
  bool is(templating::Kind kind) const noexcept { return kind_ == kind; }
  std::int64_t scalar() const noexcept { return integer_; }  ///< boolean, integer, and which function
  double real() const noexcept { return number_; }           ///< number
  const std::shared_ptr<templating::Object>& object_pointer() const noexcept { return object_; }
  template <class T>
  T& as() const {
    return static_cast<T&>(*object_);
  }

 private:
  templating::Kind kind_ = templating::Kind::none;
  union {
    std::int64_t integer_ = 0;
    double number_;
  };
  std::shared_ptr<templating::Object> object_;
};

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
