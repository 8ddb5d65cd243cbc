#pragma once

#include <algorithm>
#include <array>
#include <utility>

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
inline constexpr std::size_t k_alike = 3;   // and of those that are written alike

/// Letters to put in, leave out or exchange. https://en.wikipedia.org/wiki/Levenshtein_distance
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t column = 0; column < row.size(); ++column) row[column] = column;
  for (std::size_t line = 0; line < a.size(); ++line) {
    std::size_t diagonal = std::exchange(row[0], line + 1);
    for (std::size_t column = 0; column < b.size(); ++column) {
      const std::size_t exchanged = diagonal + (a[line] == b[column] ? 0 : 1);
      diagonal = row[column + 1];
      row[column + 1] = std::min({exchanged, diagonal + 1, row[column] + 1});
    }
  }
  return row.back();
}

/// How far a word is from what a model's language may be called.
inline std::size_t distance(const std::string& wanted, const std::string& code) {
  std::size_t least = std::min(edit_distance(wanted, code), edit_distance(wanted, language_part(code)));
  for (const language_lists::Name& name : language_lists::k_names) {
    const auto forms = forms_of(name);
    if (std::find(forms.begin(), forms.end(), language_part(code)) == forms.end()) continue;
    for (const std::string& form : forms) {
      if (form == language_part(wanted)) return 0;  // "de_AT"
      if (!form.empty()) least = std::min(least, edit_distance(wanted, form));
    }
  }
  return least;
}

}  // namespace languages_detail

EIGENFORMER_INLINE std::string listed_languages(const std::vector<std::string>& codes) {
  const std::size_t count = std::min(codes.size(), languages_detail::k_listed);
  std::string listed;
  for (std::size_t k = 0; k < count; ++k) listed += (k > 0 ? ", " : "") + codes[k];
  return codes.size() > count ? listed + " and " + std::to_string(codes.size() - count) + " more" : listed;
}

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

/// The nearest first: a third of the word's letters may be others.
EIGENFORMER_INLINE std::vector<std::string> Languages::codes_like(std::string_view language) const {
  constexpr std::size_t longest_word = 64;
  if (language.size() > longest_word) return {};
  const std::string wanted = languages_detail::folded(language);
  std::vector<std::pair<std::size_t, std::string>> similar;
  for (const Entry& entry : list_) {
    const std::size_t distance = languages_detail::distance(wanted, languages_detail::folded(entry.code));
    if (3 * distance <= wanted.size() && !wanted.empty()) similar.emplace_back(distance, entry.code);
  }
  std::stable_sort(similar.begin(), similar.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> codes;
  codes.reserve(similar.size());
  for (const auto& [distance, code] : similar) codes.push_back(code);
  codes.resize(std::min(codes.size(), languages_detail::k_alike));
  return codes;
}

EIGENFORMER_INLINE TokenId Languages::token(std::string_view language, const char* where) const {
  if (const auto token = find(language)) return *token;
  const std::vector<std::string> alike = codes_like(language);
  const std::string listed = alike.empty() ? listed_languages(codes()) : "perhaps " + listed_languages(alike);
  throw UsageError(
      {.id = "usage.language",
       .expected = list_.empty() ? "a model with tokens for languages" : "a language of the model: " + listed,
       .found = format::in_quotes(language),
       .where = where,
       .remedy = list_.empty() ? "leave the language out"
                               : "give one of Tokenizer::languages() (eigenformer inspect --json)"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
