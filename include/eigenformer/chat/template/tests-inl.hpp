#pragma once

#include <algorithm>

#include "eigenformer/chat/template/compare.hpp"
#include "eigenformer/chat/template/filters.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/print.hpp"
#include "eigenformer/chat/template/tests.hpp"
#include "eigenformer/chat/template/text_operations.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace tests_detail {

inline bool is_defined(Runtime&, const Value& value, Arguments&) { return !value.is(Kind::undefined); }
inline bool is_undefined(Runtime&, const Value& value, Arguments&) { return value.is(Kind::undefined); }
template <Kind kind>
bool is_kind(Runtime&, const Value& value, Arguments&) {
  return value.is(kind);
}
inline bool is_exactly_true(Runtime&, const Value& value, Arguments&) {
  return value.is(Kind::boolean) && value.scalar() == 1;
}
inline bool is_exactly_false(Runtime&, const Value& value, Arguments&) {
  return value.is(Kind::boolean) && value.scalar() == 0;
}
inline bool is_number(Runtime&, const Value& value, Arguments&) { return is_numeric(value); }
inline bool is_walkable(Runtime&, const Value& value, Arguments&) { return is_iterable(value) || value.is(Kind::loop); }

inline bool is_sequence_like(Runtime&, const Value& value, Arguments&) {
  switch (value.kind()) {
    case Kind::undefined:  // jinja2's Undefined has a __getitem__, which fails
    case Kind::text:
    case Kind::list:
    case Kind::tuple:
    case Kind::object:
    case Kind::range: return true;
    default: return false;
  }
}

inline bool is_callable(Runtime&, const Value& value, Arguments&) {
  switch (value.kind()) {
    case Kind::undefined:  // jinja2's Undefined has a __call__, which fails
    case Kind::macro:
    case Kind::function:
    case Kind::method:
    case Kind::joiner:
    case Kind::loop: return true;
    default: return false;
  }
}

/// value % divisor: of a text, too, Python fills in its places.
inline Value rest_of_division(Runtime& runtime, const Value& value, const Value& divisor) {
  return apply(runtime, Operator::modulo, value, divisor);
}

inline bool is_odd(Runtime& runtime, const Value& value, Arguments&) {
  return equal(runtime, rest_of_division(runtime, value, Value::integer(2)), Value::integer(1));
}
inline bool is_even(Runtime& runtime, const Value& value, Arguments&) {
  return equal(runtime, rest_of_division(runtime, value, Value::integer(2)), Value::integer(0));
}
inline bool is_divisible(Runtime& runtime, const Value& value, Arguments& arguments) {
  return equal(runtime, rest_of_division(runtime, value, arguments.positional[0]), Value::integer(0));
}

template <Operator op>
bool compares(Runtime& runtime, const Value& value, Arguments& arguments) {
  return compare(runtime, op, value, arguments.positional[0]);
}

inline bool is_same(Runtime&, const Value& value, Arguments& arguments) { return same(value, arguments.positional[0]); }
inline bool is_escaped(Runtime&, const Value& value, Arguments&) {
  return value.is(Kind::text) && text_of(value).escaped;
}
template <Case which>
bool is_in_case(Runtime& runtime, const Value& value, Arguments&) {
  const Value text = to_text(runtime, value);
  return has_only_case(runtime, text_of(text), which);
}
inline bool is_filter(Runtime&, const Value& value, Arguments&) {
  return value.is(Kind::text) && find_filter(text_of(value).bytes) != nullptr;
}
inline bool is_test(Runtime&, const Value& value, Arguments&) {
  return value.is(Kind::text) && find_test(text_of(value).bytes) != nullptr;
}

inline constexpr TestEntry k_tests[] = {
    {"!=", "/ other", compares<Operator::not_equal>},
    {"<", "/ other", compares<Operator::less>},
    {"<=", "/ other", compares<Operator::less_equal>},
    {"==", "/ other", compares<Operator::equal>},
    {">", "/ other", compares<Operator::greater>},
    {">=", "/ other", compares<Operator::greater_equal>},
    {"boolean", "", is_kind<Kind::boolean>},
    {"callable", "/", is_callable},
    {"defined", "", is_defined},
    {"divisibleby", "num", is_divisible},
    {"eq", "/ other", compares<Operator::equal>},
    {"equalto", "/ other", compares<Operator::equal>},
    {"escaped", "", is_escaped},
    {"even", "", is_even},
    {"false", "", is_exactly_false},
    {"filter", "", is_filter},
    {"float", "", is_kind<Kind::number>},
    {"ge", "/ other", compares<Operator::greater_equal>},
    {"greaterthan", "/ other", compares<Operator::greater>},
    {"gt", "/ other", compares<Operator::greater>},
    {"in", "seq", compares<Operator::in>},
    {"integer", "", is_kind<Kind::integer>},
    {"iterable", "", is_walkable},
    {"le", "/ other", compares<Operator::less_equal>},
    {"lessthan", "/ other", compares<Operator::less>},
    {"lower", "", is_in_case<Case::lower>},
    {"lt", "/ other", compares<Operator::less>},
    {"mapping", "", is_kind<Kind::object>},
    {"ne", "/ other", compares<Operator::not_equal>},
    {"none", "", is_kind<Kind::none>},
    {"number", "", is_number},
    {"odd", "", is_odd},
    {"sameas", "other", is_same},
    {"sequence", "", is_sequence_like},
    {"string", "", is_kind<Kind::text>},
    {"test", "", is_test},
    {"true", "", is_exactly_true},
    {"undefined", "", is_undefined},
    {"upper", "", is_in_case<Case::upper>},
};

}  // namespace tests_detail

EIGENFORMER_INLINE const TestEntry* find_test(std::string_view name) {
  const auto* found = std::ranges::find(tests_detail::k_tests, name, &TestEntry::name);
  return found == std::end(tests_detail::k_tests) ? nullptr : found;
}

EIGENFORMER_INLINE bool call_test(Runtime& runtime, const TestEntry& entry, const Value& value, Arguments& arguments) {
  bind(runtime, entry.name, entry.signature, arguments);
  return entry.function(runtime, value, arguments);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
