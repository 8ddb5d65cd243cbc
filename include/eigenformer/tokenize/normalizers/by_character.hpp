// Changing the characters of a text that have a property, and copying the rest run by run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/aligned_text.hpp"
#include "eigenformer/tokenize/character.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Calls `change(code_point, place, writer)` in the place of every character for which `changes(code_point)` holds;
/// what that puts takes the place of the character. A text without such characters is left alone.
template <class Changes, class Change>
void rewrite_characters_if(AlignedText& text, Changes changes, Change change) {
  const std::string_view old = text.text();
  std::optional<AlignedWriter> writer;
  std::size_t kept = 0;  // up to here everything has been written
  for (std::size_t k = 0; k < old.size();) {
    const Character character = character_at(old, k);
    if (changes(character.code_point)) {
      if (!writer) writer.emplace(text);
      writer->keep({kept, k});
      change(character.code_point, k, *writer);
      kept = k + character.bytes;
    }
    k += character.bytes;
  }
  if (!writer) return;
  writer->keep({kept, old.size()});
  writer->finish();
}

/// The same for characters that have one of the properties.
template <class Change>
void rewrite_characters(AlignedText& text, std::uint16_t properties, Change change) {
  const CharacterProperties& table = CharacterProperties::table();
  rewrite_characters_if(
      text, [&](char32_t c) { return (table.of(c) & properties) != 0; }, change);
}

/// Leaves out the characters that have one of the properties.
inline void remove_characters(AlignedText& text, std::uint16_t properties) {
  rewrite_characters(text, properties, [](char32_t, std::size_t, AlignedWriter&) {});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
