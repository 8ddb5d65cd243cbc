#pragma once

#include <utility>

#include "eigenformer/tokenize/files/pattern_reader.hpp"
#include "eigenformer/tokenize/patterns/literal_pattern.hpp"
#include "eigenformer/tokenize/patterns/regex_pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE std::unique_ptr<const Pattern> read_pattern(ComponentReader& component) {
  ComponentReader pattern(component.object("pattern"), component.where() + ".pattern");
  const std::optional<std::string> regex = pattern.optional_text("Regex");
  std::string text = regex ? *regex : pattern.text("String");
  pattern.finish();
  if (text.empty()) component.refuse("pattern", "a pattern that is not empty");
  if (regex) return make_pattern(text, component.where());
  return std::make_unique<LiteralPattern>(std::move(text));
}

EIGENFORMER_INLINE std::string read_insertion(ComponentReader& component, const char* key) {
  constexpr std::size_t k_longest = 64;
  std::string text = component.text(key);
  if (text.size() > k_longest) component.refuse(key, "a text of at most " + std::to_string(k_longest) + " bytes");
  return text;
}

EIGENFORMER_INLINE Replacement read_replacement(ComponentReader& component) {
  return {.sought = read_pattern(component), .content = read_insertion(component, "content")};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
