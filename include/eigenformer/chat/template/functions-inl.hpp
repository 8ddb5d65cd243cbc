#pragma once

#include <algorithm>

#include "eigenformer/chat/template/functions.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace functions_detail {

/// How many integers from `start` towards `stop` there are, `step` apart.
inline std::uint64_t range_length(std::int64_t start, std::int64_t stop, std::int64_t step) {
  const bool up = step > 0;
  if (up ? start >= stop : start <= stop) return 0;
  const auto low = static_cast<std::uint64_t>(up ? start : stop);
  const auto high = static_cast<std::uint64_t>(up ? stop : start);
  const std::uint64_t stride = up ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  return (high - low - 1) / stride + 1;
}

EIGENFORMER_INLINE Value function_range(Runtime& runtime, Arguments& arguments) {
  const auto& values = arguments.positional;
  const bool one = !is_given(values[1]);
  auto range = std::make_shared<RangeObject>();
  if (!one) range->start = integer_argument(runtime, values[0], "an argument of range");
  range->stop = integer_argument(runtime, one ? values[0] : values[1], "an argument of range");
  if (is_given(values[2])) range->step = integer_argument(runtime, values[2], "an argument of range");
  if (range->step == 0) runtime.fail_value("a range with a step other than zero", "zero");
  const std::uint64_t length = range_length(range->start, range->stop, range->step);
  if (length > runtime.limits().list_length) runtime.check_length(static_cast<std::size_t>(length));
  range->length = static_cast<std::int64_t>(length);
  return {Kind::range, std::move(range)};
}

/// The entries of dict(object, name=value ...) and of dict([[key, value] ...]).
EIGENFORMER_INLINE std::vector<std::pair<Value, Value>> entries_of(Runtime& runtime, Arguments& arguments) {
  std::vector<std::pair<Value, Value>> entries;
  if (arguments.positional.size() > 1) {
    runtime.fail_type("at most 1 argument without a name", std::to_string(arguments.positional.size()));
  }
  if (!arguments.positional.empty()) {
    const Value& from = arguments.positional[0];
    if (from.is(Kind::object)) {
      entries = dict_of(from).entries;
    } else {
      for (const Value& pair : items_left(runtime, from)) {
        auto items = items_left(runtime, pair);
        if (items.size() != 2)
          runtime.fail_value("pairs of a key and a value", std::to_string(items.size()) + " items");
        entries.emplace_back(std::move(items[0]), std::move(items[1]));
      }
    }
  }
  for (auto& [name, value] : arguments.keywords) entries.emplace_back(arguments.name(runtime, name), std::move(value));
  return entries;
}

inline Value function_dict(Runtime& runtime, Arguments& arguments) {
  return runtime.dict(entries_of(runtime, arguments));
}

EIGENFORMER_INLINE Value function_namespace(Runtime& runtime, Arguments& arguments) {
  const Value dict = runtime.dict(entries_of(runtime, arguments));
  std::vector<std::pair<std::string, Value>> attributes;
  for (const auto& [key, value] : dict_of(dict).entries) {
    const std::string& name = text_argument(runtime, key, "the name of an attribute").bytes;
    if (name.starts_with('_')) {
      runtime.fail_value("an attribute whose name does not begin with '_'", "'" + name + "'");
    }
    attributes.emplace_back(name, value);
  }
  return runtime.space(std::move(attributes));
}

EIGENFORMER_INLINE Value function_cycler(Runtime& runtime, Arguments& arguments) {
  if (arguments.positional.empty() || !arguments.keywords.empty()) runtime.fail_type("values to cycle through", "none");
  auto cycler = std::make_shared<CyclerObject>();
  for (const Value& item : arguments.positional) cycler->depth = std::max(cycler->depth, depth_of(item) + 1);
  runtime.check_depth(cycler->depth);
  cycler->items = std::move(arguments.positional);
  return {Kind::cycler, std::move(cycler)};
}

EIGENFORMER_INLINE Value function_joiner(Runtime& runtime, Arguments& arguments) {
  auto joiner = std::make_shared<JoinerObject>();
  const Value& separator = arguments.positional[0];
  joiner->separator = is_given(separator) ? separator : plain(runtime, ", ");
  joiner->depth = depth_of(separator) + 1;
  runtime.check_depth(joiner->depth);
  return {Kind::joiner, std::move(joiner)};
}

EIGENFORMER_INLINE Value function_raise(Runtime& runtime, Arguments& arguments) {
  const Value message = to_text(runtime, arguments.positional[0]);
  runtime.place().fail_raised(text_of(message).bytes);
}

EIGENFORMER_INLINE Value function_strftime_now(Runtime& runtime, Arguments& arguments) {
  const Text& format = text_argument(runtime, arguments.positional[0], "the format of a date");
  runtime.bytes(format.bytes.size());
  TextBuilder out(runtime);
  out.append(format_date(*runtime.now(), format.bytes), provenance_of(format));
  return out.value();
}

inline constexpr FunctionEntry k_functions[] = {
    {"cycler", "*", function_cycler},
    {"dict", "*", function_dict},
    {"joiner", "sep?", function_joiner},
    {"namespace", "*", function_namespace},
    {"raise_exception", "message", function_raise},
    {"range", "/ start stop? step?", function_range},
    {"strftime_now", "format", function_strftime_now},
};

inline const FunctionEntry* find_function(std::string_view name) {
  const auto* found = std::ranges::find(k_functions, name, &FunctionEntry::name);
  return found == std::end(k_functions) ? nullptr : found;
}

}  // namespace functions_detail

EIGENFORMER_INLINE std::optional<Value> global_function(const Runtime& runtime, std::string_view name) {
  const FunctionEntry* entry = functions_detail::find_function(name);
  if (entry == nullptr) return std::nullopt;
  if (entry->function == functions_detail::function_strftime_now && !runtime.now()) {
    return runtime.undefined("'strftime_now' is undefined", Absence::clock);
  }
  return Value(Kind::function, entry - functions_detail::k_functions);
}

EIGENFORMER_INLINE bool is_function(std::string_view name) { return functions_detail::find_function(name) != nullptr; }

EIGENFORMER_INLINE Value call_function(Runtime& runtime, const Value& function, Arguments& arguments) {
  const FunctionEntry& entry = functions_detail::k_functions[function.scalar()];
  bind(runtime, entry.name, entry.signature, arguments);
  return entry.function(runtime, arguments);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
