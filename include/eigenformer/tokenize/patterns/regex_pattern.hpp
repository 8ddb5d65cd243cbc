// A regular expression that has no hand-written scanner, by PCRE2 under limits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The pattern in PCRE2's words. tokenizer.json is written for Oniguruma, and what the two understand differently
/// (\w, \b, \h, nested and intersected classes, named groups, verbs, ...) is refused: TokenizerError
/// "tokenizer.pattern_construct". `where` names file and component.
std::string translate_pattern(std::string_view pattern, const std::string& where);

/// Matches as Oniguruma finds them one after the other. Classes but \s follow the Unicode version of the installed
/// PCRE2.
class RegexPattern final : public Pattern {
 public:
  /// TokenizerError "tokenizer.pattern_syntax" where the pattern cannot be compiled.
  RegexPattern(std::string_view pattern, std::string where);
  /// TokenizerError "tokenizer.pattern_limit" where the matches in the text take more steps together than a number in
  /// proportion to its length, or one of them more memory than a sound pattern needs.
  void find(std::string_view text, std::vector<PatternPart>& parts) const override;

 private:
  std::shared_ptr<const void> code_;   ///< pcre2_code
  std::uint32_t longest_minimum_ = 0;  ///< n of the largest {n} or {n,m}
  std::string pattern_;
  std::string where_;
};

/// The scanner for the patterns that are known word for word, else a RegexPattern.
std::unique_ptr<const Pattern> make_pattern(std::string_view pattern, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/patterns/regex_pattern-inl.hpp"
#endif
