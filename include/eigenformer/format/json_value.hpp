// A value of JSON. nlohmann::json makes a list of what it frees, so that the process ends where there is no memory for
// the list; this one is freed without an allocation. It is never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// null, true or false, a number, a text, a list, or an object with its keys in order. It frees itself by recursion, so
/// whoever builds one bounds its depth.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() noexcept = default;  ///< null
  explicit Json(bool value) noexcept : value_(value) {}
  explicit Json(std::int64_t value) noexcept : value_(value) {}
  explicit Json(std::uint64_t value) noexcept : value_(value) {}
  explicit Json(double value) noexcept : value_(value) {}
  explicit Json(std::string text) : value_(std::make_unique<std::string>(std::move(text))) {}
  explicit Json(const char* text) = delete;  // it would be a bool
  static Json array() { return Json(std::make_unique<Array>()); }
  static Json object() { return Json(std::make_unique<Object>()); }

  bool is_null() const noexcept { return holds<std::monostate>(); }
  bool is_boolean() const noexcept { return holds<bool>(); }
  /// A whole number.
  bool is_integer() const noexcept { return holds<std::int64_t>() || holds<std::uint64_t>(); }
  bool is_number() const noexcept { return is_integer() || holds<double>(); }
  bool is_text() const noexcept { return holds<std::unique_ptr<std::string>>(); }
  bool is_array() const noexcept { return holds<std::unique_ptr<Array>>(); }
  bool is_object() const noexcept { return holds<std::unique_ptr<Object>>(); }
  /// "null", "boolean", "number", "string", "array" or "object".
  const char* type_name() const noexcept;

  // For a value of that type; another type is a mistake of the library's and throws std::bad_variant_access.
  bool boolean() const { return std::get<bool>(value_); }
  /// A whole number; the largest of 64 bits with sign in place of what is beyond.
  std::int64_t integer() const;
  /// A whole number that is not negative.
  std::uint64_t unsigned_integer() const;
  bool exceeds_int64() const noexcept;
  /// Any number.
  double number() const;
  const std::string& text() const { return *std::get<std::unique_ptr<std::string>>(value_); }
  /// In the order of the keys.
  const Object& members() const { return *std::get<std::unique_ptr<Object>>(value_); }

  /// Those of a list; of anything else, none.
  std::span<const Json> elements() const noexcept;
  /// Those of a list; of anything else, it alone.
  std::span<const Json> one_or_more() const noexcept;
  /// The member of an object; null where there is none, or where this is no object.
  const Json* find(std::string_view key) const noexcept;
  bool contains(std::string_view key) const noexcept { return find(key) != nullptr; }
  /// Whether it is a text, list or object with nothing in it.
  bool is_empty() const noexcept;

  /// To the end of a list.
  Json& append(Json value);
  /// The member of an object, null where it is new.
  Json& member(std::string_view key);
  void erase(std::string_view key);

  /// On one line, as JSON; ill-formed UTF-8 becomes U+FFFD. `escaped` is the same in ASCII.
  std::string dump() const;
  std::string escaped() const;

 private:
  // Pointers, so that a value is as small as a number.
  using Value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::unique_ptr<std::string>,
                             std::unique_ptr<Array>, std::unique_ptr<Object>>;

  explicit Json(Value value) noexcept : value_(std::move(value)) {}
  template <class Type>
  bool holds() const noexcept {
    return std::holds_alternative<Type>(value_);
  }

  Value value_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/json_value-inl.hpp"
#endif
