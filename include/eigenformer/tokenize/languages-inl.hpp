#pragma once

#include <algorithm>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/language_lists.hpp"
#include "eigenformer/tokenize/languages.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace languages_detail {

/// Small letters of ASCII; "-" and " " as "_", so that "pt-BR", "fr_XX" and "haitian creole" have one form.
inline std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
  }
  return result;
}

/// "fr" of "fr_XX".
inline std::string_view language_part(std::string_view code) { return code.substr(0, code.find('_')); }

inline constexpr std::size_t k_listed = 8;  // languages that a message names

}  // namespace languages_detail

EIGENFORMER_INLINE std::vector<std::string> Languages::codes() const {
  std::vector<std::string> codes;
  codes.reserve(list_.size());
  for (const Entry& entry : list_) codes.push_back(entry.code);
  return codes;
}

EIGENFORMER_INLINE bool Languages::has(TokenId token) const {
  return std::any_of(list_.begin(), list_.end(), [token](const Entry& entry) { return entry.token == token; });
}

/// The first code of the language: of Chinese in two scripts, that in simplified characters.
EIGENFORMER_INLINE std::optional<TokenId> Languages::find_part(std::string_view language) const {
  using namespace languages_detail;
  for (const Entry& entry : list_) {
    const std::string code = folded(entry.code);
    if (!language.empty() && (code == language || language_part(code) == language)) return entry.token;
  }
  return std::nullopt;
}

EIGENFORMER_INLINE std::optional<TokenId> Languages::find(std::string_view language) const {
  const std::string wanted = languages_detail::folded(language);
  if (const auto token = find_part(wanted)) return token;
  for (const language_lists::Name& name : language_lists::k_names) {
    const std::string forms[] = {std::string(name.two_letters), std::string(name.three_letters),
                                 std::string(name.other), languages_detail::folded(name.name)};
    if (std::find(std::begin(forms), std::end(forms), wanted) == std::end(forms) || wanted.empty()) continue;
    for (const std::string& form : forms) {
      if (const auto token = find_part(form)) return token;
    }
  }
  return std::nullopt;
}

EIGENFORMER_INLINE TokenId Languages::token(std::string_view language, const char* where) const {
  if (const auto token = find(language)) return *token;
  std::string known;
  for (std::size_t k = 0; k < std::min(list_.size(), languages_detail::k_listed); ++k) {
    known += (k > 0 ? ", " : "") + list_[k].code;
  }
  if (list_.size() > languages_detail::k_listed)
    known += " and " + std::to_string(list_.size() - languages_detail::k_listed) + " more";
  throw UsageError(
      {.id = "usage.language",
       .expected = list_.empty() ? "a model with tokens for languages" : "a language of the model: " + known,
       .found = format::in_quotes(language),
       .where = where,
       .remedy = list_.empty() ? "leave the language out" : "give one of Tokenizer::languages()"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
