#pragma once

#include <algorithm>

#include "eigenformer/chat/template/filters.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/paths.hpp"
#include "eigenformer/chat/template/tests.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace selecting_filters_detail {

/// The arguments after the first `count`.
inline Arguments rest_of(const Arguments& arguments, std::size_t count) {
  Arguments rest = arguments;
  rest.positional.erase(rest.positional.begin(), rest.positional.begin() + static_cast<std::ptrdiff_t>(count));
  return rest;
}

/// select, reject: by a test of the item; selectattr, rejectattr: by a test of one of its attributes.
template <bool of_attribute, bool keeps>
void fill_selected(Runtime& runtime, const Value& value, const Arguments& arguments, std::vector<Value>& kept) {
  constexpr std::size_t k_name = of_attribute ? 1 : 0;
  const auto& given = arguments.positional;
  if (given.size() < k_name) runtime.fail_type("the name of an attribute", "no argument");
  const Path path = Path::parse(runtime, of_attribute ? given[0] : Value());
  const TestEntry* test = nullptr;
  if (given.size() > k_name) {
    const std::string& name = text_argument(runtime, given[k_name], "the name of a test").bytes;
    test = find_test(name);
    if (test == nullptr) runtime.fail_unsupported("the test '" + name + "'");
  }
  for (const Value& item : items_left(runtime, value)) {
    const Value tested = path.get(runtime, item);
    bool holds = is_true(tested);
    if (test != nullptr) {
      Arguments rest = rest_of(arguments, k_name + 1);
      holds = call_test(runtime, *test, tested, rest);
    }
    if (holds == keeps) kept.push_back(item);
  }
}

template <bool of_attribute, bool keeps>
Value filter_select(Runtime& runtime, const Value& value, Arguments& arguments) {
  if (!is_true(value)) return runtime.iterator({});
  return runtime.generator(
      [&](std::vector<Value>& kept) { fill_selected<of_attribute, keeps>(runtime, value, arguments, kept); });
}

/// map(attribute=..., default=...)
EIGENFORMER_INLINE void map_attribute(Runtime& runtime, const Value& value, const Arguments& arguments,
                                      std::vector<Value>& mapped) {
  Value attribute, fallback;
  for (const auto& [name, argument] : arguments.keywords) {
    if (name != "attribute" && name != "default") {
      runtime.fail_type("the arguments of 'map'", "one that it has not: '" + name + "'");
    }
    (name == "attribute" ? attribute : fallback) = argument;
  }
  const Path path = Path::parse(runtime, attribute);
  for (const Value& item : items_left(runtime, value)) mapped.push_back(path.get(runtime, item, fallback));
}

Value filter_map(Runtime& runtime, const Value& value, Arguments& arguments);

EIGENFORMER_INLINE void fill_mapped(Runtime& runtime, const Value& value, const Arguments& arguments,
                                    std::vector<Value>& mapped) {
  const bool by_attribute =
      std::ranges::any_of(arguments.keywords, [](const auto& k) { return k.first == "attribute"; });
  if (arguments.positional.empty() && by_attribute) return map_attribute(runtime, value, arguments, mapped);
  if (arguments.positional.empty()) runtime.fail_type("the name of a filter or an attribute", "neither");
  const std::string& name = text_argument(runtime, arguments.positional[0], "the name of a filter").bytes;
  const FilterEntry* filter = find_filter(name);
  if (filter == nullptr) runtime.fail_unsupported("the filter '" + name + "'");
  // map('map', 'map', ...) would nest here without a bound
  if (filter->function == filter_map) runtime.fail_unsupported("the filter 'map' inside of itself");
  for (const Value& item : items_left(runtime, value)) {
    Arguments rest = rest_of(arguments, 1);
    mapped.push_back(call_filter(runtime, *filter, item, rest));
  }
}

EIGENFORMER_INLINE Value filter_map(Runtime& runtime, const Value& value, Arguments& arguments) {
  if (!is_true(value)) return runtime.iterator({});
  return runtime.generator([&](std::vector<Value>& mapped) { fill_mapped(runtime, value, arguments, mapped); });
}

inline constexpr FilterEntry k_selecting_filters[] = {
    {"map", "*", filter_map},
    {"reject", "*", filter_select<false, false>},
    {"rejectattr", "*", filter_select<true, false>},
    {"select", "*", filter_select<false, true>},
    {"selectattr", "*", filter_select<true, true>},
};

}  // namespace selecting_filters_detail

EIGENFORMER_INLINE std::span<const FilterEntry> selecting_filters() {
  return selecting_filters_detail::k_selecting_filters;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
