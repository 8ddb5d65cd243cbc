#pragma once

#include <nlohmann/json.hpp>
#include <utility>

#include "eigenformer/tokenize/files/pattern_reader.hpp"
#include "eigenformer/tokenize/patterns/literal_pattern.hpp"
#include "eigenformer/tokenize/patterns/regex_pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE PatternText read_pattern_text(ComponentReader& component) {
  ComponentReader pattern(component.object("pattern"), component.where() + ".pattern");
  const std::optional<std::string> regex = pattern.optional_text("Regex");
  PatternText result{regex.has_value(), regex ? *regex : pattern.text("String")};
  pattern.finish();
  if (result.text.empty()) component.refuse("pattern", "a pattern that is not empty");
  return result;
}

EIGENFORMER_INLINE std::unique_ptr<const Pattern> pattern_of(PatternText text, const std::string& where) {
  if (text.is_regex) return make_pattern(text.text, where);
  return std::make_unique<LiteralPattern>(std::move(text.text));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
