#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/filters.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/methods.hpp"
#include "eigenformer/chat/template/numbers.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace value_filters_detail {

inline Value filter_default(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Value& fallback = arguments.positional[0];
  const Value& boolean = arguments.positional[1];
  const bool replaced = value.is(Kind::undefined) || (is_given(boolean) && is_true(boolean) && !is_true(value));
  if (!replaced) return value;
  return is_given(fallback) ? fallback : plain(runtime, "");
}

inline Value filter_attr(Runtime& runtime, const Value& value, Arguments& arguments) {
  const std::string& name = text_argument(runtime, arguments.positional[0], "the name of an attribute").bytes;
  if (value.is(Kind::object) && find_method(Kind::object, name) == nullptr) {
    return runtime.undefined("'dict object' has no attribute '" + name + "'");  // items of objects are no attributes
  }
  return get_attribute(runtime, value, name);
}

inline Value filter_abs(Runtime& runtime, const Value& value, Arguments&) {
  if (value.is(Kind::number)) return Value::number(std::fabs(value.real()));
  const Value kept = keep_sign(runtime, value);
  return kept.scalar() < 0 ? negate(runtime, kept) : kept;
}

inline Value filter_int(Runtime& runtime, const Value& value, Arguments& arguments) {
  Value fallback = is_given(arguments.positional[0]) ? arguments.positional[0] : Value::integer(0);
  const std::int64_t base =
      is_given(arguments.positional[1]) ? integer_argument(runtime, arguments.positional[1], "a base") : 10;
  if (value.is(Kind::undefined)) runtime.fail_undefined(value);
  if (is_integer(value)) return Value::integer(value.scalar());
  double number = value.is(Kind::number) ? value.real() : 0;
  if (value.is(Kind::text)) {
    const auto& text = text_of(value).bytes;
    runtime.bytes(text.size());
    if (const auto integer = parse_integer(runtime, text, static_cast<int>(std::clamp<std::int64_t>(base, -1, 99)))) {
      return Value::integer(*integer);
    }
    const auto parsed = parse_float(text);
    if (!parsed) return fallback;
    number = *parsed;
  } else if (!value.is(Kind::number)) {
    return fallback;
  }
  if (!std::isfinite(number)) return fallback;
  return truncated(runtime, Value::number(number));
}

inline Value filter_float(Runtime& runtime, const Value& value, Arguments& arguments) {
  Value fallback = is_given(arguments.positional[0]) ? arguments.positional[0] : Value::number(0);
  if (value.is(Kind::undefined)) runtime.fail_undefined(value);
  if (value.is(Kind::number)) return value;
  if (is_integer(value)) return Value::number(static_cast<double>(value.scalar()));
  if (!value.is(Kind::text)) return fallback;
  runtime.bytes(text_of(value).bytes.size());
  const auto parsed = parse_float(text_of(value).bytes);
  return parsed ? Value::number(*parsed) : fallback;
}

inline Value filter_round(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Value& given = arguments.positional[0];
  const std::int64_t digits = is_given(given) ? integer_argument(runtime, given, "the digits to round to") : 0;
  const std::string method =
      is_given(arguments.positional[1]) ? text_argument(runtime, arguments.positional[1], "a method").bytes : "common";
  if (method != "common" && method != "ceil" && method != "floor") {
    runtime.fail_value("the method 'common', 'ceil' or 'floor'", "'" + method + "'");
  }
  const Value number = keep_sign(runtime, value);
  if (digits < -15 || digits > 300) runtime.fail_value("from -15 to 300 digits to round to", std::to_string(digits));
  if (method == "common") return rounded(runtime, number, static_cast<int>(digits));
  const Value scale = apply(runtime, Operator::power, Value::integer(10), Value::integer(digits));
  const Value scaled = apply(runtime, Operator::multiply, number, scale);
  if (is_integer(scaled)) return apply(runtime, Operator::divide, scaled, scale);
  const double whole = method == "ceil" ? std::ceil(scaled.real()) : std::floor(scaled.real());
  return apply(runtime, Operator::divide, truncated(runtime, Value::number(whole)), scale);
}

/// The argument `indent` of json.dumps: spaces by number, or a text.
inline std::optional<std::string> indent_argument(Runtime& runtime, const Value& value) {
  if (!is_set(value)) return std::nullopt;
  if (value.is(Kind::text)) return text_of(value).bytes;
  const std::int64_t count = integer_argument(runtime, value, "an indent");
  if (count > 1000) runtime.fail_value("an indent of at most 1000", std::to_string(count));
  return std::string(static_cast<std::size_t>(std::max<std::int64_t>(0, count)), ' ');
}

inline Value filter_tojson(Runtime& runtime, const Value& value, Arguments& arguments) {
  const auto& given = arguments.positional;
  JsonLayout layout;
  layout.ensure_ascii = is_given(given[0]) && is_true(given[0]);
  layout.indent = indent_argument(runtime, given[1]);
  layout.sort_keys = is_given(given[3]) && is_true(given[3]);
  if (layout.indent) layout.item_separator = ",";
  Provenance layout_provenance = given[1].is(Kind::text) ? provenance_of(text_of(given[1])) : Provenance::trusted;
  if (is_set(given[2])) {
    const auto separators = items_left(runtime, given[2]);
    if (separators.size() != 2) runtime.fail_value("two separators", std::to_string(separators.size()));
    layout.item_separator = text_argument(runtime, separators[0], "a separator").bytes;
    layout.key_separator = text_argument(runtime, separators[1], "a separator").bytes;
    for (const Value& separator : separators) {
      if (provenance_of(text_of(separator)) == Provenance::content) layout_provenance = Provenance::content;
    }
  }
  TextBuilder out(runtime);
  append_json(runtime, value, layout, out);
  Text json = out.take();
  if (layout_provenance == Provenance::content) json.content = {{0, json.bytes.size()}};
  return runtime.text(std::move(json));
}

inline Value filter_filesizeformat(Runtime& runtime, const Value& value, Arguments& arguments) {
  const bool binary = is_given(arguments.positional[0]) && is_true(arguments.positional[0]);
  Arguments fallback{.positional = {Value()}, .keywords = {}};
  const Value number = filter_float(runtime, value, fallback);
  if (!number.is(Kind::number)) runtime.fail_type("a number of bytes", "a value of type " + type_name(value));
  const double bytes = number.real();
  const double base = binary ? 1024 : 1000;
  if (bytes == 1) return plain(runtime, "1 Byte");
  if (bytes < base) return plain(runtime, std::to_string(truncated(runtime, number).scalar()) + " Bytes");
  std::string_view prefixes = "kMGTPEZY";
  double unit = base * base;
  for (; prefixes.size() > 1 && !(bytes < unit); unit *= base) prefixes.remove_prefix(1);
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), base * bytes / unit, std::chars_format::fixed, 1).ptr;
  std::string text(buffer, end);
  text += std::string(" ") + (binary && prefixes[0] == 'k' ? 'K' : prefixes[0]) + (binary ? "iB" : "B");
  return plain(runtime, text);
}

inline constexpr FilterEntry k_value_filters[] = {
    {"abs", "/", filter_abs},
    {"attr", "name", filter_attr},
    {"d", "default_value? boolean?", filter_default},
    {"default", "default_value? boolean?", filter_default},
    {"filesizeformat", "binary?", filter_filesizeformat},
    {"float", "default?", filter_float},
    {"int", "default? base?", filter_int},
    {"round", "precision? method?", filter_round},
    {"tojson", "ensure_ascii? indent? separators? sort_keys?", filter_tojson},
};

}  // namespace value_filters_detail

EIGENFORMER_INLINE std::span<const FilterEntry> value_filters() { return value_filters_detail::k_value_filters; }

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
