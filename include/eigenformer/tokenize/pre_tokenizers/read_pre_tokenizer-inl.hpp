#pragma once

#include <utility>
#include <vector>

#include "eigenformer/tokenize/files/component_table.hpp"
#include "eigenformer/tokenize/files/metaspace_reader.hpp"
#include "eigenformer/tokenize/files/pattern_reader.hpp"
#include "eigenformer/tokenize/patterns/literal_pattern.hpp"
#include "eigenformer/tokenize/patterns/word_runs.hpp"
#include "eigenformer/tokenize/pre_tokenizers/bert.hpp"
#include "eigenformer/tokenize/pre_tokenizers/byte_level.hpp"
#include "eigenformer/tokenize/pre_tokenizers/fixed_length.hpp"
#include "eigenformer/tokenize/pre_tokenizers/metaspace.hpp"
#include "eigenformer/tokenize/pre_tokenizers/read_pre_tokenizer.hpp"
#include "eigenformer/tokenize/pre_tokenizers/sequence.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"
#include "eigenformer/tokenize/pre_tokenizers/unicode_scripts.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace read_pre_tokenizer_detail {

using Found = std::unique_ptr<const PreTokenizer>;

inline Found sequence(ComponentReader& object) {
  std::vector<Found> steps;
  object.each_object("pretokenizers", [&](const format::Json& item, const std::string& where) {
    steps.push_back(read_pre_tokenizer(item, where));
  });
  return std::make_unique<PreTokenizerSequence>(std::move(steps));
}

inline SplitBehavior behavior(ComponentReader& object) {
  const std::string behavior = object.text("behavior");
  if (behavior == "Removed") return SplitBehavior::removed;
  if (behavior == "Isolated") return SplitBehavior::isolated;
  if (behavior == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (behavior == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (behavior == "Contiguous") return SplitBehavior::contiguous;
  object.refuse("behavior", "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
}

inline Found split(ComponentReader& object) {
  std::unique_ptr<const Pattern> pattern = read_pattern(object);
  const SplitBehavior kept = behavior(object);
  const SplitAt delimiters = object.flag("invert") ? SplitAt::gaps : SplitAt::matches;
  return std::make_unique<Split>(std::move(pattern), Split::Options{kept, delimiters});
}

inline Found by_character(CharacterPattern::Test test, SplitBehavior behavior) {
  return std::make_unique<Split>(std::make_unique<CharacterPattern>(test), Split::Options{behavior, SplitAt::matches});
}

inline Found digits(ComponentReader& object) {
  const bool single = object.flag("individual_digits");
  return by_character(is_numeric, single ? SplitBehavior::isolated : SplitBehavior::contiguous);
}

inline Found punctuation(ComponentReader& object) {
  const bool given = !object.value("behavior").is_null();
  return by_character(is_punctuation, given ? behavior(object) : SplitBehavior::isolated);
}

inline Found whitespace_split(ComponentReader&) { return by_character(is_space, SplitBehavior::removed); }

inline Found whitespace(ComponentReader&) {
  return std::make_unique<Split>(std::make_unique<WordRuns>(), Split::Options{SplitBehavior::removed, SplitAt::gaps});
}

inline Found delimiter(ComponentReader& object) {
  return std::make_unique<Split>(std::make_unique<LiteralPattern>(object.character("delimiter")),
                                 Split::Options{SplitBehavior::removed, SplitAt::matches});
}

inline Found bert(ComponentReader&) { return std::make_unique<BertPreTokenizer>(); }

inline Found unicode_scripts(ComponentReader&) { return std::make_unique<UnicodeScripts>(); }

inline Found fixed_length(ComponentReader& object) {
  constexpr std::int64_t k_default = 5;
  const std::int64_t length = object.value("length").is_null() ? k_default : object.integer("length");
  if (length < 1) object.refuse("length", "a length of at least 1");
  return std::make_unique<FixedLength>(static_cast<std::size_t>(length));
}

inline Found byte_level(ComponentReader& object) {
  object.flag("trim_offsets");  // matters in post-processors only
  return std::make_unique<ByteLevel>(ByteLevel::Options{.add_prefix_space = object.flag("add_prefix_space"),
                                                        .use_regex = object.flag_or("use_regex", true)});
}

inline Found metaspace(ComponentReader& object) { return std::make_unique<Metaspace>(read_metaspace(object)); }

/// To add a pre-tokenizer: its class in a file of this folder (or Split with a pattern), a reader of its keys, and a
/// line here.
inline constexpr ComponentType<PreTokenizer> k_types[] = {
    {"ByteLevel", byte_level},
    {"Split", split},
    {"Digits", digits},
    {"Punctuation", punctuation},
    {"Whitespace", whitespace},
    {"WhitespaceSplit", whitespace_split},
    {"Metaspace", metaspace},
    {"BertPreTokenizer", bert},
    {"CharDelimiterSplit", delimiter},
    {"UnicodeScripts", unicode_scripts},
    {"FixedLength", fixed_length},
    {"Sequence", sequence},
};

}  // namespace read_pre_tokenizer_detail

EIGENFORMER_INLINE std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const format::Json& value,
                                                                          const std::string& where) {
  if (value.is_null()) return nullptr;
  ComponentReader object(value, where);
  return read_component(read_pre_tokenizer_detail::k_types, object, "a pre-tokenizer");
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
