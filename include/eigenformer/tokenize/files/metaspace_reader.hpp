// The keys of "Metaspace", which is a pre-tokenizer and a decoder.
#pragma once

#include <optional>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/pre_tokenizers/metaspace.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// TokenizerError "tokenizer.component" for a replacement that is not one character, and where the older key
/// "add_prefix_space" says something else than "prepend_scheme".
inline Metaspace::Options read_metaspace(ComponentReader& object) {
  Metaspace::Options options{.replacement = object.text("replacement"), .split = object.flag_or("split", true)};
  const bool one =
      !options.replacement.empty() && character_at(options.replacement, 0).bytes == options.replacement.size();
  if (!one || options.replacement == " ") object.refuse("replacement", "one character that is no space");
  object.ignore("str_rep");
  const bool prefix = object.flag_or("add_prefix_space", true);
  const std::string scheme = object.optional_text("prepend_scheme").value_or(prefix ? "always" : "never");
  if (scheme == "first") options.prepend = PrependScheme::first;
  if (scheme == "never") options.prepend = PrependScheme::never;
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    object.refuse("prepend_scheme", "always, first or never");
  }
  if (!prefix && options.prepend != PrependScheme::never)
    object.refuse("add_prefix_space", "true beside a prepend_scheme");
  return options;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
