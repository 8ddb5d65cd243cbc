#pragma once

#include <algorithm>

#include "eigenformer/chat/template/arguments.hpp"
#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace arguments_detail {

struct Parameter {
  std::string_view name;
  bool optional = false;
};

inline std::vector<Parameter> parse_signature(std::string_view signature) {
  std::vector<Parameter> parameters;
  while (!signature.empty()) {
    const std::size_t end = std::min(signature.find(' '), signature.size());
    std::string_view name = signature.substr(0, end);
    signature.remove_prefix(std::min(end + 1, signature.size()));
    const bool optional = name.ends_with('?');
    if (optional) name.remove_suffix(1);
    parameters.push_back({name, optional});
  }
  return parameters;
}

inline std::string in_quotes(std::string_view name) { return "'" + std::string(name) + "'"; }

}  // namespace arguments_detail

EIGENFORMER_INLINE Value Arguments::name(Runtime& runtime, std::string_view keyword) const {
  TextBuilder out(runtime);
  out.append(keyword, of_names);
  return out.value();
}

EIGENFORMER_INLINE void bind(Runtime& runtime, std::string_view callee, std::string_view signature,
                             Arguments& arguments) {
  using arguments_detail::in_quotes;
  if (signature == "*") return;
  const bool positional_only = signature.starts_with("/");
  if (positional_only) signature.remove_prefix(std::min<std::size_t>(2, signature.size()));
  const auto parameters = arguments_detail::parse_signature(signature);
  const std::size_t given = arguments.positional.size();
  if (given > parameters.size()) {
    runtime.fail_type("at most " + std::to_string(parameters.size()) + " arguments of " + in_quotes(callee),
                      std::to_string(given));
  }
  arguments.positional.resize(parameters.size(), Value(Kind::missing));
  for (auto& [name, value] : arguments.keywords) {
    const auto found = std::ranges::find(parameters, std::string_view(name), &arguments_detail::Parameter::name);
    if (positional_only || found == parameters.end()) {
      runtime.fail_type("the arguments of " + in_quotes(callee), "one that it has not: " + in_quotes(name));
    }
    Value& place = arguments.positional[static_cast<std::size_t>(found - parameters.begin())];
    if (is_given(place)) runtime.fail_type("one value for the argument " + in_quotes(name), "two");
    place = std::move(value);
  }
  arguments.keywords.clear();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].optional && !is_given(arguments.positional[i])) {
      runtime.fail_type("the argument " + in_quotes(parameters[i].name) + " of " + in_quotes(callee), "nothing");
    }
  }
}

EIGENFORMER_INLINE std::int64_t integer_argument(Runtime& runtime, const Value& value, std::string_view what) {
  if (value.is(Kind::undefined)) runtime.fail_undefined(value);
  if (!is_integer(value)) {
    runtime.fail_type("an integer as " + std::string(what), "a value of type " + type_name(value));
  }
  return value.scalar();
}

EIGENFORMER_INLINE const Text& text_argument(Runtime& runtime, const Value& value, std::string_view what) {
  if (!value.is(Kind::text)) {
    runtime.fail_type("a text as " + std::string(what), "a value of type " + type_name(value));
  }
  return text_of(value);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
