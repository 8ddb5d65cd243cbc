#pragma once

#include <nlohmann/json.hpp>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/decoders/byte_level.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/files/components.hpp"
#include "eigenformer/tokenize/normalizers/lowercase.hpp"
#include "eigenformer/tokenize/normalizers/prepend.hpp"
#include "eigenformer/tokenize/normalizers/replace.hpp"
#include "eigenformer/tokenize/normalizers/sequence.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"
#include "eigenformer/tokenize/patterns/literal_pattern.hpp"
#include "eigenformer/tokenize/patterns/regex_pattern.hpp"
#include "eigenformer/tokenize/post_processors/byte_level_offsets.hpp"
#include "eigenformer/tokenize/post_processors/template_processing.hpp"
#include "eigenformer/tokenize/pre_tokenizers/byte_level.hpp"
#include "eigenformer/tokenize/pre_tokenizers/sequence.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace components_detail {

using Json = nlohmann::json;

inline constexpr std::size_t k_longest_insertion = 64;  // a text that is put in for another may not let texts explode

/// "<where>.<key>[k]", for messages.
inline std::string item(const std::string& where, const char* key, std::size_t k) {
  return where + "." + key + "[" + std::to_string(k) + "]";
}

/// A pattern is {"Regex": text} or {"String": text}.
struct PatternText {
  bool is_regex = false;
  std::string text;
};
inline PatternText read_pattern(ComponentReader& component) {
  ComponentReader pattern(component.object("pattern"), component.where() + ".pattern");
  const std::optional<std::string> regex = pattern.optional_text("Regex");
  PatternText result{regex.has_value(), regex ? *regex : pattern.text("String")};
  pattern.finish();
  if (result.text.empty()) component.refuse("pattern", "a pattern that is not empty");
  return result;
}

inline std::unique_ptr<const Normalizer> read_replace(ComponentReader& component) {
  PatternText pattern = read_pattern(component);
  if (pattern.is_regex) component.refuse("pattern", "a literal text to replace");
  std::string content = component.text("content");
  if (content.size() > k_longest_insertion) component.refuse("content", "a short replacement");
  return std::make_unique<Replace>(Replace::Texts{std::move(pattern.text), std::move(content)});
}

inline std::unique_ptr<const Normalizer> read_prepend(ComponentReader& component) {
  std::string prefix = component.text("prepend");
  if (prefix.size() > k_longest_insertion) component.refuse("prepend", "a short prefix");
  return std::make_unique<Prepend>(std::move(prefix));
}

inline SplitBehavior read_behavior(ComponentReader& component) {
  const std::string behavior = component.text("behavior");
  if (behavior == "Removed") return SplitBehavior::removed;
  if (behavior == "Isolated") return SplitBehavior::isolated;
  if (behavior == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (behavior == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (behavior == "Contiguous") return SplitBehavior::contiguous;
  component.refuse("behavior", "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
}

inline std::unique_ptr<const PreTokenizer> read_split(ComponentReader& component) {
  PatternText text = read_pattern(component);
  std::unique_ptr<const Pattern> pattern;
  if (text.is_regex) {
    pattern = make_pattern(text.text, component.where());
  } else {
    pattern = std::make_unique<LiteralPattern>(std::move(text.text));
  }
  const SplitBehavior behavior = read_behavior(component);
  const SplitAt delimiters = component.flag("invert") ? SplitAt::gaps : SplitAt::matches;
  return std::make_unique<Split>(std::move(pattern), Split::Options{behavior, delimiters});
}

inline std::unique_ptr<const PreTokenizer> by_character(CharacterPattern::Test test, SplitBehavior behavior) {
  return std::make_unique<Split>(std::make_unique<CharacterPattern>(test), Split::Options{behavior, SplitAt::matches});
}

/// Everything but Sequence, which is spread out into `steps`.
inline std::unique_ptr<const PreTokenizer> read_step(ComponentReader& component, const std::string& type) {
  if (type == "Split") return read_split(component);
  if (type == "Digits") {
    const bool single = component.flag("individual_digits");
    return by_character(is_numeric, single ? SplitBehavior::isolated : SplitBehavior::contiguous);
  }
  if (type == "Punctuation") {
    const bool given = !component.value("behavior").is_null();
    return by_character(is_punctuation, given ? read_behavior(component) : SplitBehavior::isolated);
  }
  if (type == "WhitespaceSplit") return by_character(is_space, SplitBehavior::removed);
  if (type == "ByteLevel") {
    component.flag("trim_offsets");  // matters in post-processors only
    return std::make_unique<ByteLevel>(ByteLevel::Options{.add_prefix_space = component.flag("add_prefix_space"),
                                                          .use_regex = component.flag_or("use_regex", true)});
  }
  component.refuse("type", "a pre-tokenizer ByteLevel, Split, Digits, Punctuation, WhitespaceSplit or Sequence");
}

struct Steps {
  std::vector<std::unique_ptr<const PreTokenizer>> list;
  bool byte_level = false;  ///< the last one is
};

/// The depth of nesting is that of the JSON, which is limited.
inline void read_steps(const Json& value, const std::string& where, Steps& steps) {
  ComponentReader component(value, where);
  const std::string type = component.text("type");
  if (type == "Sequence") {
    const Json& list = component.array("pretokenizers");
    for (std::size_t k = 0; k < list.size(); ++k) read_steps(list[k], item(where, "pretokenizers", k), steps);
  } else {
    if (steps.byte_level) component.refuse("type", "no pre-tokenizer after ByteLevel");
    steps.list.push_back(read_step(component, type));
    steps.byte_level = type == "ByteLevel";
  }
  component.finish();
}

inline std::vector<TokenId> read_template_ids(const Json& tokens, const std::string& name, std::size_t vocabulary_size,
                                              const std::string& where) {
  ComponentReader all(tokens, where + ".special_tokens");
  ComponentReader token(all.object(name), where + ".special_tokens." + name);
  const Json& ids = token.array("ids");
  std::vector<TokenId> result;
  for (const Json& id : ids) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= vocabulary_size) {
      token.refuse("ids", "ids below " + std::to_string(vocabulary_size));
    }
    result.push_back(id.get<TokenId>());
  }
  return result;
}

inline std::unique_ptr<const PostProcessor> read_template(ComponentReader& component, std::size_t vocabulary_size) {
  component.ignore("pair");  // of two texts, which no model of this tokenizer's kind is given
  const Json& pieces = component.array("single");
  const Json& tokens = component.object("special_tokens");
  TemplateProcessing::Tokens result;
  bool text_seen = false;
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    ComponentReader piece(pieces[k], item(component.where(), "single", k));
    if (!piece.value("Sequence").is_null()) {
      if (text_seen) piece.refuse("Sequence", "the text once");
      text_seen = true;
    } else {
      ComponentReader special(piece.object("SpecialToken"), piece.where() + ".SpecialToken");
      const std::vector<TokenId> ids =
          read_template_ids(tokens, special.text("id"), vocabulary_size, component.where());
      std::vector<TokenId>& side = text_seen ? result.after : result.before;
      side.insert(side.end(), ids.begin(), ids.end());
    }
    piece.finish();
  }
  if (!text_seen) component.refuse("single", "a template with the text in it");
  return std::make_unique<TemplateProcessing>(std::move(result));
}

inline void read_post_processor(const Json& value, std::size_t vocabulary_size, const std::string& where,
                                std::vector<std::unique_ptr<const PostProcessor>>& processors) {
  ComponentReader component(value, where);
  const std::string type = component.text("type");
  if (type == "Sequence") {
    const Json& list = component.array("processors");
    for (std::size_t k = 0; k < list.size(); ++k) {
      read_post_processor(list[k], vocabulary_size, item(where, "processors", k), processors);
    }
  } else if (type == "ByteLevel") {
    const bool add_prefix_space = component.flag("add_prefix_space");
    component.ignore("use_regex");
    if (component.flag("trim_offsets")) {
      processors.push_back(std::make_unique<ByteLevelOffsets>(ByteLevelOffsets::Options{add_prefix_space}));
    }
  } else if (type == "TemplateProcessing") {
    processors.push_back(read_template(component, vocabulary_size));
  } else {
    component.refuse("type", "a post-processor ByteLevel, TemplateProcessing or Sequence");
  }
  component.finish();
}

/// How many decoders of type ByteLevel there are; Fuse only joins what is joined already.
inline int count_byte_level_decoders(const Json& value, const std::string& where) {
  ComponentReader component(value, where);
  const std::string type = component.text("type");
  int count = 0;
  if (type == "ByteLevel") {
    for (const char* key : {"add_prefix_space", "trim_offsets", "use_regex"}) component.ignore(key);
    count = 1;
  } else if (type == "Sequence") {
    const Json& list = component.array("decoders");
    for (std::size_t k = 0; k < list.size(); ++k) {
      count += count_byte_level_decoders(list[k], item(where, "decoders", k));
    }
  } else if (type != "Fuse") {
    component.refuse("type", "a decoder ByteLevel, Fuse or Sequence");
  }
  component.finish();
  return count;
}

}  // namespace components_detail

EIGENFORMER_INLINE std::unique_ptr<const Normalizer> read_normalizer(const nlohmann::json& value,
                                                                     const std::string& where) {
  if (value.is_null()) return nullptr;
  ComponentReader component(value, where);
  const std::string type = component.text("type");
  std::unique_ptr<const Normalizer> result;
  if (type == "Sequence") {
    const nlohmann::json& list = component.array("normalizers");
    std::vector<std::unique_ptr<const Normalizer>> steps;
    for (std::size_t k = 0; k < list.size(); ++k) {
      steps.push_back(read_normalizer(list[k], components_detail::item(where, "normalizers", k)));
    }
    result = std::make_unique<NormalizerSequence>(std::move(steps));
  } else if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") {
    const UnicodeForm canonical = type == "NFC" ? UnicodeForm::nfc : UnicodeForm::nfd;
    const UnicodeForm compatible = type == "NFKC" ? UnicodeForm::nfkc : UnicodeForm::nfkd;
    result = std::make_unique<UnicodeNormalizer>(type.size() == 3 ? canonical : compatible);
  } else if (type == "Lowercase") {
    result = std::make_unique<Lowercase>();
  } else if (type == "Replace") {
    result = components_detail::read_replace(component);
  } else if (type == "Prepend") {
    result = components_detail::read_prepend(component);
  } else {
    component.refuse("type", "a normalizer NFC, NFD, NFKC, NFKD, Lowercase, Replace, Prepend or Sequence");
  }
  component.finish();
  return result;
}

EIGENFORMER_INLINE std::unique_ptr<const PreTokenizer> read_pre_tokenizer(const nlohmann::json& value,
                                                                          const std::string& where) {
  components_detail::Steps steps;
  if (!value.is_null()) components_detail::read_steps(value, where, steps);
  if (!steps.byte_level) {
    throw TokenizerError({.id = "tokenizer.not_byte_level",
                          .expected = "a pre-tokenizer that ends in ByteLevel",
                          .found = value.is_null() ? "none" : "another",
                          .where = where,
                          .remedy = "use a model with a byte-level tokenizer"});
  }
  if (steps.list.size() == 1) return std::move(steps.list.front());
  return std::make_unique<PreTokenizerSequence>(std::move(steps.list));
}

EIGENFORMER_INLINE std::vector<std::unique_ptr<const PostProcessor>> read_post_processors(const nlohmann::json& value,
                                                                                          std::size_t vocabulary_size,
                                                                                          const std::string& where) {
  std::vector<std::unique_ptr<const PostProcessor>> processors;
  if (!value.is_null()) components_detail::read_post_processor(value, vocabulary_size, where, processors);
  return processors;
}

EIGENFORMER_INLINE std::unique_ptr<const Decoder> read_decoder(const nlohmann::json& value, const std::string& where) {
  const int count = value.is_null() ? 0 : components_detail::count_byte_level_decoders(value, where);
  if (count == 1) return std::make_unique<ByteLevelDecoder>();
  throw TokenizerError({.id = "tokenizer.decoder",
                        .expected = "one decoder ByteLevel",
                        .found = std::to_string(count),
                        .where = where,
                        .remedy = "use a model with a byte-level tokenizer"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
