// The patterns of tokenizer.json, {"Regex": text} or {"String": text}, and what is put in the place of their matches.
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The key "pattern" of a component. RegexPattern's errors.
std::unique_ptr<const Pattern> read_pattern(ComponentReader& component);

/// A text that a component puts into others: of at most 64 bytes, so that a chain of components cannot let texts
/// explode.
std::string read_insertion(ComponentReader& component, const char* key);

struct Replacement {
  std::unique_ptr<const Pattern> sought;
  std::string content;  ///< stands in the place of each match
};

/// The keys "pattern" and "content" of a component.
Replacement read_replacement(ComponentReader& component);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/pattern_reader-inl.hpp"
#endif
