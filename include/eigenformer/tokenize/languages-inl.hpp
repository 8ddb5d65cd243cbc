#pragma once

#include <algorithm>
#include <array>

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

/// By what a language may be called, folded.
inline std::array<std::string, 4> forms_of(const language_lists::Name& name) {
  return {std::string(name.two_letters), std::string(name.three_letters), std::string(name.other), folded(name.name)};
}

/// "fr" of "fr_XX".
inline std::string_view language_part(std::string_view code) { return code.substr(0, code.find('_')); }

inline constexpr std::size_t k_listed = 8;  // languages that a message names

}  // namespace languages_detail

EIGENFORMER_INLINE std::string listed_languages(const std::vector<std::string>& codes) {
  const std::size_t count = std::min(codes.size(), languages_detail::k_listed);
  std::string listed;
  for (std::size_t k = 0; k < count; ++k) listed += (k > 0 ? ", " : "") + codes[k];
  return codes.size() > count ? listed + " and " + std::to_string(codes.size() - count) + " more" : listed;
}

EIGENFORMER_INLINE std::vector<std::string> Languages::codes() const {
  std::vector<std::string> codes;
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

EIGENFORMER_INLINE std::optional<LanguageName> find_language_name(std::string_view language) {
  const std::string wanted = languages_detail::folded(language);
  for (const language_lists::Name& name : language_lists::k_names) {
    const auto forms = languages_detail::forms_of(name);
    if (wanted.empty() || std::find(forms.begin(), forms.end(), wanted) == forms.end()) continue;
    return LanguageName{.code = name.two_letters, .name = name.name};
  }
  return std::nullopt;
}

EIGENFORMER_INLINE std::optional<TokenId> Languages::find(std::string_view language) const {
  const std::string wanted = languages_detail::folded(language);
  if (const auto token = find_part(wanted)) return token;
  for (const language_lists::Name& name : language_lists::k_names) {
    const auto forms = languages_detail::forms_of(name);
    if (std::find(forms.begin(), forms.end(), wanted) == forms.end() || wanted.empty()) continue;
    for (const std::string& form : forms) {
      if (const auto token = find_part(form)) return token;
    }
  }
  return std::nullopt;
}

EIGENFORMER_INLINE TokenId Languages::token(std::string_view language, const char* where) const {
  if (const auto token = find(language)) return *token;
  throw UsageError({.id = "usage.language",
                    .expected = list_.empty() ? "a model with tokens for languages"
                                              : "a language of the model: " + listed_languages(codes()),
                    .found = format::in_quotes(language),
                    .where = where,
                    .remedy = list_.empty() ? "leave the language out" : "give one of Tokenizer::languages()"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
