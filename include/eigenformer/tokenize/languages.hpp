// The languages that a translation model has tokens for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A language by its code of ISO 639-1 (empty where it has none) and its English name.
struct LanguageName {
  std::string_view code;
  std::string_view name;
};

/// The language that a code of ISO 639 or an English name means, without regard to case.
std::optional<LanguageName> find_language_name(std::string_view language);

/// The first of a model's codes, for messages: "fr, de and 98 more".
std::string listed_languages(const std::vector<std::string>& codes);

class Languages {
 public:
  Languages() = default;
  explicit Languages(LanguageMarks marks) : marks_(marks) {}

  /// `code` is the model's own: "fr_XX". The token may be written otherwise: "__fr__".
  void add(std::string_view code, TokenId token) { list_.push_back({std::string(code), token}); }
  /// The language of a text whose own is not given.
  void set_source(TokenId token) { source_ = token; }

  LanguageMarks marks() const { return marks_; }
  bool empty() const { return list_.empty(); }
  std::vector<std::string> codes() const;
  /// The token of a language by the model's code or the language in it ("fr"), by a code of ISO 639-1 or 639-3, or by
  /// its English name, without regard to case. UsageError "usage.language" for one that the model lacks, with the codes
  /// that are written alike; `where` is for its message.
  TokenId token(std::string_view language, const char* where) const;
  /// In a template a language's token stands for that of the text.
  bool has(TokenId token) const;
  std::optional<TokenId> source() const { return source_; }

 private:
  struct Entry {
    std::string code;
    TokenId token = 0;
  };
  std::optional<TokenId> find(std::string_view language) const;
  std::vector<std::string> codes_like(std::string_view language) const;
  std::optional<TokenId> find_part(std::string_view language) const;

  LanguageMarks marks_ = LanguageMarks::none;
  std::vector<Entry> list_;
  std::optional<TokenId> source_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/languages-inl.hpp"
#endif
