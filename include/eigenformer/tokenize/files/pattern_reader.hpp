// The patterns of tokenizer.json: {"Regex": text} or {"String": text}.
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

struct PatternText {
  bool is_regex = false;
  std::string text;  ///< not empty
};

/// The key "pattern" of a component.
PatternText read_pattern_text(ComponentReader& component);
/// The pattern of a text. RegexPattern's errors.
std::unique_ptr<const Pattern> pattern_of(PatternText text, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/pattern_reader-inl.hpp"
#endif
