#pragma once

#include <cmath>
#include <limits>
#include <optional>

#include "eigenformer/chat/template/compare.hpp"
#include "eigenformer/chat/template/format.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/text_operations.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace operators_detail {

inline constexpr std::int64_t k_least = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t k_most = std::numeric_limits<std::int64_t>::max();

inline double as_double(const Value& value) {
  return is_integer(value) ? static_cast<double>(value.scalar()) : value.real();
}

[[noreturn]] EIGENFORMER_INLINE void fail_overflow(Runtime& runtime) {
  runtime.fail_value("integers of at most 64 bits", "a larger one");
}

[[noreturn]] EIGENFORMER_INLINE void fail_zero(Runtime& runtime) {
  runtime.fail_value("a divisor other than zero", "zero");
}

inline std::int64_t add(Runtime& runtime, std::int64_t a, std::int64_t b) {
  if (b > 0 ? a > k_most - b : a < k_least - b) fail_overflow(runtime);
  return a + b;
}

inline std::int64_t subtract(Runtime& runtime, std::int64_t a, std::int64_t b) {
  if (b > 0 ? a < k_least + b : a > k_most + b) fail_overflow(runtime);
  return a - b;
}

EIGENFORMER_INLINE std::optional<std::int64_t> multiplied(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return 0;
  const bool fits = a > 0 ? (b > 0 ? a <= k_most / b : b >= k_least / a) : (b > 0 ? a >= k_least / b : b >= k_most / a);
  return fits ? std::optional(a * b) : std::nullopt;
}

inline std::int64_t multiply(Runtime& runtime, std::int64_t a, std::int64_t b) {
  const auto product = multiplied(a, b);
  if (!product) fail_overflow(runtime);
  return *product;
}

EIGENFORMER_INLINE std::int64_t floor_divide(Runtime& runtime, std::int64_t a, std::int64_t b) {
  if (b == 0) fail_zero(runtime);
  if (b == -1) return subtract(runtime, 0, a);
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

EIGENFORMER_INLINE std::int64_t modulo(Runtime& runtime, std::int64_t a, std::int64_t b) {
  if (b == 0) fail_zero(runtime);
  if (b == -1) return 0;
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// Python's float % takes the sign of the divisor.
EIGENFORMER_INLINE double modulo(Runtime& runtime, double a, double b) {
  if (b == 0) fail_zero(runtime);
  double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  if ((rest < 0) != (b < 0)) rest += b;
  return rest;
}

EIGENFORMER_INLINE double floor_divide(Runtime& runtime, double a, double b) {
  if (b == 0) fail_zero(runtime);
  const double rest = std::fmod(a, b);
  const double exact = (a - rest) / b;
  const double quotient = rest != 0 && (rest < 0) != (b < 0) ? exact - 1 : exact;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

/// base ** exponent of integers; none where it does not fit.
EIGENFORMER_INLINE std::optional<std::int64_t> integer_power(std::int64_t base, std::int64_t exponent) {
  if (base >= -1 && base <= 1) return base == 0 ? (exponent == 0 ? 1 : 0) : exponent % 2 == 0 ? 1 : base;
  std::int64_t product = 1;
  for (; exponent > 0; --exponent) {
    const auto next = multiplied(product, base);
    if (!next) return std::nullopt;
    product = *next;
  }
  return product;
}

/// a / b of integers, rounded once as in Python: doubles alone would round what is beyond 2^53 before they divide.
EIGENFORMER_INLINE double true_divide(Runtime& runtime, std::int64_t a, std::int64_t b) {
  if (b == 0) fail_zero(runtime);
  const auto magnitude = [](std::int64_t x) {
    return x < 0 ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
  };
  const std::uint64_t divisor = magnitude(b);
  std::uint64_t quotient = magnitude(a) / divisor, rest = magnitude(a) % divisor;
  int shift = 0;
  for (; rest != 0 && quotient < (std::uint64_t{1} << 62) && shift < 128; ++shift) {
    rest *= 2;
    quotient = quotient * 2 + (rest >= divisor ? 1 : 0);
    if (rest >= divisor) rest -= divisor;
  }
  if (rest != 0) quotient |= 1;  // what is left decides where two doubles are equally near
  const double value = std::ldexp(static_cast<double>(quotient), -shift);
  return (a < 0) != (b < 0) ? -value : value;
}

/// Only powers whose exact value is rounded at most once: those that every machine gives the same digits for.
EIGENFORMER_INLINE Value power(Runtime& runtime, const Value& left, const Value& right) {
  constexpr std::int64_t k_exact = std::int64_t{1} << 53;
  if (is_integer(left) && is_integer(right)) {
    const std::int64_t exponent = right.scalar();
    if (exponent == k_least) fail_overflow(runtime);
    const auto power = integer_power(left.scalar(), exponent < 0 ? -exponent : exponent);
    if (exponent >= 0) return power ? Value::integer(*power) : (fail_overflow(runtime), Value());
    if (left.scalar() == 0) fail_zero(runtime);
    if (power && *power >= -k_exact && *power <= k_exact) return Value::number(1 / static_cast<double>(*power));
  } else if (is_integer(right)) {
    const double base = left.real();
    if (right.scalar() == 0) return Value::number(1);
    if (right.scalar() == 1) return left;
    if (right.scalar() == 2) return Value::number(base * base);
    const bool is_whole = base > -static_cast<double>(k_exact) && base < static_cast<double>(k_exact) &&
                          base == static_cast<double>(static_cast<std::int64_t>(base));
    if (base == 0 && right.scalar() > 0) return Value::number(right.scalar() % 2 == 0 ? 0.0 : base);
    if (is_whole && right.scalar() > 0) {
      const auto power = integer_power(static_cast<std::int64_t>(base), right.scalar());
      if (power && *power >= -k_exact && *power <= k_exact) return Value::number(static_cast<double>(*power));
    }
  }
  runtime.fail_unsupported("a power of numbers with a point");
}

EIGENFORMER_INLINE Value integers(Runtime& runtime, Operator op, std::int64_t a, std::int64_t b) {
  switch (op) {
    case Operator::add: return Value::integer(add(runtime, a, b));
    case Operator::subtract: return Value::integer(subtract(runtime, a, b));
    case Operator::multiply: return Value::integer(multiply(runtime, a, b));
    case Operator::floor_divide: return Value::integer(floor_divide(runtime, a, b));
    case Operator::modulo: return Value::integer(modulo(runtime, a, b));
    default: break;
  }
  return Value::number(true_divide(runtime, a, b));
}

EIGENFORMER_INLINE Value numbers(Runtime& runtime, Operator op, double a, double b) {
  switch (op) {
    case Operator::add: return Value::number(a + b);
    case Operator::subtract: return Value::number(a - b);
    case Operator::multiply: return Value::number(a * b);
    case Operator::floor_divide: return Value::number(floor_divide(runtime, a, b));
    case Operator::modulo: return Value::number(modulo(runtime, a, b));
    default: break;
  }
  if (b == 0) fail_zero(runtime);
  return Value::number(a / b);
}

EIGENFORMER_INLINE Value add_texts(Runtime& runtime, const Value& left, const Value& right) {
  const bool escaped = text_of(left).escaped || text_of(right).escaped;
  TextBuilder out(runtime);
  for (const Value* side : {&left, &right}) out.append(text_of(escaped ? escape_html(runtime, *side) : *side));
  return out.escaped(escaped).value();
}

EIGENFORMER_INLINE Value add_lists(Runtime& runtime, const Value& left, const Value& right) {
  const auto& a = items_of(left);
  const auto& b = items_of(right);
  runtime.check_length(a.size() + b.size());
  std::vector<Value> items;
  items.reserve(a.size() + b.size());
  items.insert(items.end(), a.begin(), a.end());
  items.insert(items.end(), b.begin(), b.end());
  return runtime.list(std::move(items), left.kind());
}

EIGENFORMER_INLINE Value repeat_list(Runtime& runtime, const Value& list, std::int64_t count) {
  const auto& items = items_of(list);
  const std::size_t times = count > 0 && !items.empty() ? static_cast<std::size_t>(count) : 0;
  const std::size_t limit = runtime.limits().list_length;
  if (times > 0 && times > limit / items.size()) runtime.check_length(limit + 1);
  std::vector<Value> repeated;
  for (std::size_t i = 0; i < times; ++i) repeated.insert(repeated.end(), items.begin(), items.end());
  return runtime.list(std::move(repeated), list.kind());
}

inline std::string_view symbol(Operator op) {
  constexpr std::string_view k_symbols[] = {"+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">="};
  return k_symbols[static_cast<std::size_t>(op)];
}

}  // namespace operators_detail

EIGENFORMER_INLINE Value apply(Runtime& runtime, Operator op, const Value& left, const Value& right) {
  using namespace operators_detail;
  if (op == Operator::modulo && left.is(Kind::text)) return format_percent(runtime, text_of(left), right);
  if (left.is(Kind::undefined)) runtime.fail_undefined(left);
  if (right.is(Kind::undefined)) runtime.fail_undefined(right);
  if (is_numeric(left) && is_numeric(right)) {
    if (op == Operator::power) return power(runtime, left, right);
    if (is_integer(left) && is_integer(right)) return integers(runtime, op, left.scalar(), right.scalar());
    return numbers(runtime, op, as_double(left), as_double(right));
  }
  if (op == Operator::add) {
    if (left.is(Kind::text) && right.is(Kind::text)) return add_texts(runtime, left, right);
    if (is_sequence(left) && left.kind() == right.kind()) return add_lists(runtime, left, right);
  }
  if (op == Operator::multiply) {
    const bool counted = is_integer(right);
    const Value& repeated = counted ? left : right;
    const Value& count = counted ? right : left;
    if (is_integer(count) && repeated.is(Kind::text)) return repeat(runtime, text_of(repeated), count.scalar());
    if (is_integer(count) && is_sequence(repeated)) return repeat_list(runtime, repeated, count.scalar());
  }
  runtime.fail_type("values that '" + std::string(symbol(op)) + "' can take",
                    type_name(left) + " and " + type_name(right));
}

EIGENFORMER_INLINE bool compare(Runtime& runtime, Operator op, const Value& left, const Value& right) {
  const auto symbol = [&] { return operators_detail::symbol(op); };
  switch (op) {
    case Operator::equal: return equal(runtime, left, right);
    case Operator::not_equal: return !equal(runtime, left, right);
    case Operator::in: return contains(runtime, right, left);
    case Operator::not_in: return !contains(runtime, right, left);
    case Operator::less: return less(runtime, left, right, symbol());
    case Operator::greater: return less(runtime, right, left, symbol());
    default: break;
  }
  if (is_numeric(left) && is_numeric(right)) {  // not the contrary of < for what is no number
    const auto order = compare_numbers(left, right);
    return op == Operator::less_equal ? order <= 0 : order >= 0;
  }
  return op == Operator::less_equal ? !less(runtime, right, left, symbol()) : !less(runtime, left, right, symbol());
}

EIGENFORMER_INLINE Value negate(Runtime& runtime, const Value& value) {
  if (is_integer(value)) return Value::integer(operators_detail::subtract(runtime, 0, value.scalar()));
  return Value::number(-keep_sign(runtime, value).real());
}

EIGENFORMER_INLINE Value keep_sign(Runtime& runtime, const Value& value) {
  if (value.is(Kind::undefined)) runtime.fail_undefined(value);
  if (is_integer(value)) return Value::integer(value.scalar());
  if (!value.is(Kind::number)) runtime.fail_type("a number after a sign", "a value of type " + type_name(value));
  return value;
}

EIGENFORMER_INLINE Value truncated(Runtime& runtime, const Value& value) {
  if (is_integer(value)) return Value::integer(value.scalar());
  const double number = std::trunc(value.real());
  if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) operators_detail::fail_overflow(runtime);
  return Value::integer(static_cast<std::int64_t>(number));
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
