#pragma once

#include <utility>
#include <vector>

#include "eigenformer/tokenize/files/base64.hpp"
#include "eigenformer/tokenize/files/component_table.hpp"
#include "eigenformer/tokenize/files/pattern_reader.hpp"
#include "eigenformer/tokenize/normalizers/bert.hpp"
#include "eigenformer/tokenize/normalizers/byte_level.hpp"
#include "eigenformer/tokenize/normalizers/lowercase.hpp"
#include "eigenformer/tokenize/normalizers/nmt.hpp"
#include "eigenformer/tokenize/normalizers/precompiled.hpp"
#include "eigenformer/tokenize/normalizers/prepend.hpp"
#include "eigenformer/tokenize/normalizers/read_normalizer.hpp"
#include "eigenformer/tokenize/normalizers/replace.hpp"
#include "eigenformer/tokenize/normalizers/sequence.hpp"
#include "eigenformer/tokenize/normalizers/strip.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace read_normalizer_detail {

using Found = std::unique_ptr<const Normalizer>;

inline Found sequence(ComponentReader& object) {
  std::vector<Found> steps;
  object.each_object("normalizers", [&](const format::Json& item, const std::string& where) {
    steps.push_back(read_normalizer(item, where));
  });
  return std::make_unique<NormalizerSequence>(std::move(steps));
}

template <UnicodeForm form>
Found unicode_form(ComponentReader&) {
  return std::make_unique<UnicodeNormalizer>(form);
}

inline Found lowercase(ComponentReader&) { return std::make_unique<Lowercase>(); }

inline Found bert(ComponentReader& object) {
  BertNormalizer::Options options{.clean_text = object.flag("clean_text"),
                                  .handle_chinese_chars = object.flag("handle_chinese_chars"),
                                  .lowercase = object.flag("lowercase")};
  if (!object.value("strip_accents").is_null()) options.strip_accents = object.flag("strip_accents");
  return std::make_unique<BertNormalizer>(options);
}

inline Found strip(ComponentReader& object) {
  return std::make_unique<Strip>(Strip::Sides{.left = object.flag("strip_left"), .right = object.flag("strip_right")});
}

inline Found strip_accents(ComponentReader&) { return std::make_unique<StripAccents>(); }

inline Found nmt(ComponentReader&) { return std::make_unique<Nmt>(); }

inline Found byte_level(ComponentReader&) { return std::make_unique<ByteLevelNormalizer>(); }

inline Found replace(ComponentReader& object) {
  Replacement replacement = read_replacement(object);
  return std::make_unique<Replace>(std::move(replacement.sought), std::move(replacement.content));
}

inline Found prepend(ComponentReader& object) { return std::make_unique<Prepend>(read_insertion(object, "prepend")); }

/// The table is in base64.
inline Found precompiled(ComponentReader& object) {
  const std::string where = object.where() + ".precompiled_charsmap";
  const std::optional<std::string> bytes = decode_base64(object.text("precompiled_charsmap"));
  if (!bytes) object.refuse("precompiled_charsmap", "base64");
  return std::make_unique<Precompiled>(Charsmap(*bytes, where));
}

/// To add a normalizer: its class in a file of this folder, a reader of its keys, and a line here.
inline constexpr ComponentType<Normalizer> k_types[] = {
    {"NFC", unicode_form<UnicodeForm::nfc>},
    {"NFD", unicode_form<UnicodeForm::nfd>},
    {"NFKC", unicode_form<UnicodeForm::nfkc>},
    {"NFKD", unicode_form<UnicodeForm::nfkd>},
    {"Lowercase", lowercase},
    {"Precompiled", precompiled},
    {"BertNormalizer", bert},
    {"Strip", strip},
    {"StripAccents", strip_accents},
    {"Nmt", nmt},
    {"ByteLevel", byte_level},
    {"Replace", replace},
    {"Prepend", prepend},
    {"Sequence", sequence},
};

}  // namespace read_normalizer_detail

EIGENFORMER_INLINE std::unique_ptr<const Normalizer> read_normalizer(const format::Json& value,
                                                                     const std::string& where) {
  if (value.is_null()) return nullptr;
  ComponentReader object(value, where);
  return read_component(read_normalizer_detail::k_types, object, "a normalizer");
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
