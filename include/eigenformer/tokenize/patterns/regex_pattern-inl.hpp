#pragma once

// 0 declares the functions of every width under their own names, so that a host's own use of PCRE2 is left alone.
#if !defined(PCRE2_CODE_UNIT_WIDTH)
#define PCRE2_CODE_UNIT_WIDTH 0
#endif
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/patterns/cased_word_pattern.hpp"
#include "eigenformer/tokenize/patterns/deepseek_patterns.hpp"
#include "eigenformer/tokenize/patterns/gpt2_pattern.hpp"
#include "eigenformer/tokenize/patterns/regex_pattern.hpp"
#include "eigenformer/tokenize/patterns/word_pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace regex_pattern_detail {

/// White space, spelt out: PCRE2 counts U+180E among it, Unicode and Oniguruma do not.
inline constexpr std::string_view k_spaces =
    R"(\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000})";

/// Walks over a pattern once and copies what both engines understand alike.
class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where) : pattern_(pattern), where_(where) {}

  std::string run() {
    while (position_ < pattern_.size()) {
      if (is_alternative("\\s+$")) {
        spaces_at_line_end();
      } else if (starts("\\")) {
        escape();
      } else if (starts("[")) {
        character_class();
      } else if (starts("(")) {
        group();
      } else if (starts(")")) {
        --depth_;
        copy(1);
      } else if (starts("|")) {
        copy(1);
        if (depth_ == 0) alternative_ = position_;
      } else if (starts("{")) {
        repeat();
      } else {
        copy(1);
      }
    }
    return std::move(translated_);
  }
  /// The largest n of {n}, {n,} and {n,m}: how many characters one item may run over before it fails.
  std::uint32_t longest_minimum() const { return longest_minimum_; }

 private:
  bool starts(std::string_view text) const { return pattern_.substr(position_).substr(0, text.size()) == text; }
  char at(std::size_t ahead) const { return position_ + ahead < pattern_.size() ? pattern_[position_ + ahead] : '\0'; }
  static bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
  static bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  /// Whether this is all of the alternative that begins here, and stands in no group.
  bool is_alternative(std::string_view text) const {
    const char behind = at(text.size());
    return position_ == alternative_ && starts(text) && (behind == '\0' || behind == '|');
  }
  void copy(std::size_t bytes) {
    translated_.append(pattern_.substr(position_, bytes));
    position_ += bytes;
  }
  void put(std::string_view text, std::size_t bytes) {
    translated_.append(text);
    position_ += bytes;
  }

  [[noreturn]] void refuse(std::size_t bytes) const {
    throw TokenizerError({.id = "tokenizer.pattern_construct",
                          .expected = "a pattern of constructs that mean the same in Oniguruma and in PCRE2",
                          .found = format::in_quotes(pattern_.substr(position_, bytes)) + " at byte " +
                                   std::to_string(position_) + " of " + format::in_quotes(pattern_),
                          .where = where_,
                          .remedy = "use the model's GGUF file, or report the pattern so that it gets a scanner"});
  }

  void escape() {
    const char c = at(1);
    constexpr std::string_view k_alike = "dDrntf";
    if (c == '\0') refuse(1);
    if (c == 's' || c == 'S') return spaces(c);
    if (c == 'v') return put("\\x0B", 2);
    if (c == 'p' || c == 'P') return property();
    if (c == 'u') return code_point();
    if (c == 'x') return hexadecimal();
    if (static_cast<unsigned char>(c) >= 0x80) refuse(2);
    if (is_letter_or_digit(c) && k_alike.find(c) == std::string_view::npos) refuse(2);
    copy(2);
  }
  void spaces(char escaped) {
    if (escaped == 'S' && in_class_) refuse(2);
    const std::string list(k_spaces);
    put(in_class_ ? list : (escaped == 's' ? "[" : "[^") + list + "]", 2);
  }
  /// Where it fails at one place of a run of white space, it fails at every later one: all but the first, and the one
  /// where a search begins, are skipped, or a long run would take quadratic time.
  void spaces_at_line_end() {
    const std::string list(k_spaces);
    put("(?:\\G|(?<![" + list + "]))[" + list + "]+$", 4);
  }
  void property() {
    std::size_t length = 2;
    if (at(length) != '{') refuse(3);
    ++length;
    if (at(length) == '^') ++length;
    const std::size_t name = length;
    while (is_letter_or_digit(at(length)) || at(length) == '_') ++length;
    if (length == name || at(length) != '}') refuse(length + 1);
    copy(length + 1);
  }
  void code_point() {
    for (std::size_t k = 2; k < 6; ++k) {
      if (!is_hexadecimal(at(k))) refuse(k + 1);
    }
    put("\\x{" + std::string(pattern_.substr(position_ + 2, 4)) + "}", 6);
  }
  void hexadecimal() {
    if (at(2) == '{') {
      std::size_t length = 3;
      while (is_hexadecimal(at(length))) ++length;
      if (at(length) != '}') refuse(length + 1);
      return copy(length + 1);
    }
    // From \x80 on Oniguruma takes the number for a byte, not for a character.
    if (at(2) < '0' || at(2) > '7' || !is_hexadecimal(at(3))) refuse(4);
    copy(4);
  }
  void character_class() {
    copy(starts("[^") ? 2 : 1);
    if (starts("]")) refuse(1);
    in_class_ = true;
    while (!starts("]")) {
      if (position_ >= pattern_.size()) refuse(1);
      if (starts("[") || starts("&&")) refuse(2);
      if (starts("\\")) {
        escape();
      } else {
        copy(1);
      }
    }
    in_class_ = false;
    copy(1);
  }
  void group() {
    constexpr std::array<std::string_view, 9> k_alike = {"(?:", "(?=",  "(?!",  "(?<=", "(?<!",
                                                         "(?>", "(?i:", "(?i)", "(?-i:"};
    if (starts("(*")) refuse(2);
    if (!starts("(?")) return open_group(1);
    for (const std::string_view begin : k_alike) {
      if (starts(begin)) return begin.back() == ')' ? copy(begin.size()) : open_group(begin.size());
    }
    refuse(3);
  }
  void open_group(std::size_t bytes) {
    ++depth_;
    copy(bytes);
  }
  /// {n}, {n,} and {n,m}, the latter two perhaps with a question mark.
  void repeat() {
    std::size_t length = 1;
    const auto digits = [&] {
      const std::size_t begin = length;
      while (at(length) >= '0' && at(length) <= '9') ++length;
      return length > begin;
    };
    if (!digits()) refuse(length + 1);
    std::uint32_t minimum = 0;  // one that does not fit is refused by PCRE2, as any above 65535
    std::from_chars(pattern_.data() + position_ + 1, pattern_.data() + position_ + length, minimum);
    longest_minimum_ = std::max(longest_minimum_, minimum);
    const bool open = at(length) == ',';
    if (open) {
      ++length;
      digits();
    }
    if (at(length) != '}' || at(length + 1) == '+' || (!open && at(length + 1) == '?')) refuse(length + 2);
    copy(length + 1);
  }

  std::string_view pattern_;
  const std::string& where_;
  std::size_t position_ = 0;
  bool in_class_ = false;
  int depth_ = 0;                ///< of groups
  std::size_t alternative_ = 0;  ///< where the last one that stands in no group begins
  std::uint32_t longest_minimum_ = 0;
  std::string translated_;
};

inline std::string message_of(int code) {
  std::array<PCRE2_UCHAR8, 256> text{};
  pcre2_get_error_message_8(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

inline std::shared_ptr<const void> compile(const std::string& pattern, std::string_view original,
                                           const std::string& where) {
  constexpr std::uint32_t k_nesting_limit = 64;  // the compiler recurses; the stack may be small
  const std::unique_ptr<pcre2_compile_context_8, void (*)(pcre2_compile_context_8*)> context(
      pcre2_compile_context_create_8(nullptr), pcre2_compile_context_free_8);
  pcre2_set_parens_nest_limit_8(context.get(), k_nesting_limit);
  pcre2_set_newline_8(context.get(), PCRE2_NEWLINE_LF);
  int code = 0;
  PCRE2_SIZE offset = 0;
  std::uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
  // To find where a match may begin, PCRE2 looks for both cases of a first letter, each time as far as the text goes.
  if (pattern.find("(?i") != std::string::npos) options |= PCRE2_NO_START_OPTIMIZE;
  pcre2_code_8* compiled = pcre2_compile_8(reinterpret_cast<PCRE2_SPTR8>(pattern.data()), pattern.size(), options,
                                           &code, &offset, context.get());
  if (compiled == nullptr) {
    throw TokenizerError({.id = "tokenizer.pattern_syntax",
                          .expected = "a regular expression that can be compiled",
                          .found = format::in_quotes(original) + " (" + message_of(code) + ")",
                          .where = where,
                          .remedy = "download the file again"});
  }
  return {compiled, [](const void* p) { pcre2_code_free_8(static_cast<pcre2_code_8*>(const_cast<void*>(p))); }};
}

/// The steps that all matches in one text may take together. PCRE2's own limit of steps starts anew at every position
/// of a text and leaves out the characters that an item like `a*` runs over, so a callout before each item counts both.
/// Patterns of models take 2 to 13 steps a byte, on ordinary texts and on texts of single signs.
class StepBudget {
 public:
  /// `longest_minimum`: the characters that an item may run over and then fail, so that no callout sees them.
  StepBudget(std::size_t text_bytes, std::uint32_t longest_minimum)
      : limit_(k_steps_of_byte * (text_bytes + 1) + std::min(k_allowance, k_allowance_of_byte * (text_bytes + 1))),
        left_(limit_),
        steps_of_item_(1 + longest_minimum / k_characters_of_step) {}

  /// Matches under this budget, and under limits of depth and memory.
  std::unique_ptr<pcre2_match_context_8, void (*)(pcre2_match_context_8*)> context() {
    constexpr std::uint32_t k_depth = 100000, k_heap_kib = 65536;
    std::unique_ptr<pcre2_match_context_8, void (*)(pcre2_match_context_8*)> limited(
        pcre2_match_context_create_8(nullptr), pcre2_match_context_free_8);
    pcre2_set_match_limit_8(limited.get(), UINT32_MAX);
    pcre2_set_depth_limit_8(limited.get(), k_depth);
    pcre2_set_heap_limit_8(limited.get(), k_heap_kib);
    pcre2_set_callout_8(limited.get(), before_item, this);
    return limited;
  }
  /// Why a match ended in an error of PCRE2.
  std::string reason(int code) const {
    return code == PCRE2_ERROR_CALLOUT ? "more than " + std::to_string(limit_) + " steps" : message_of(code);
  }

 private:
  static constexpr std::size_t k_steps_of_byte = 64;
  static constexpr std::size_t k_allowance = 1000000, k_allowance_of_byte = 1000;  ///< a short text may be a hard one
  static constexpr std::uint32_t k_characters_of_step = 32;  ///< run over in the time of a callout

  static int before_item(pcre2_callout_block_8* item, void* budget) {
    return static_cast<StepBudget*>(budget)->spend(item->current_position) ? 0 : PCRE2_ERROR_CALLOUT;
  }
  bool spend(std::size_t position) {
    const std::size_t steps = steps_of_item_ + (position > position_ ? position - position_ : 0);
    position_ = position;
    if (steps > left_) return false;
    left_ -= steps;
    return true;
  }

  std::size_t limit_, left_, steps_of_item_;
  std::size_t position_ = 0;
};

}  // namespace regex_pattern_detail

EIGENFORMER_INLINE std::string translate_pattern(std::string_view pattern, const std::string& where) {
  return regex_pattern_detail::Translator(pattern, where).run();
}

EIGENFORMER_INLINE RegexPattern::RegexPattern(std::string_view pattern, std::string where)
    : pattern_(pattern), where_(std::move(where)) {
  regex_pattern_detail::Translator translator(pattern, where_);
  code_ = regex_pattern_detail::compile(translator.run(), pattern, where_);
  longest_minimum_ = translator.longest_minimum();
}

EIGENFORMER_INLINE void RegexPattern::find(std::string_view text, std::vector<PatternPart>& parts) const {
  const auto* code = static_cast<const pcre2_code_8*>(code_.get());
  regex_pattern_detail::StepBudget budget(text.size(), longest_minimum_);
  const auto context = budget.context();
  const std::unique_ptr<pcre2_match_data_8, void (*)(pcre2_match_data_8*)> data(pcre2_match_data_create_8(1, nullptr),
                                                                                pcre2_match_data_free_8);
  const auto add = [&](std::size_t begin, std::size_t end, bool matched) {
    parts.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), matched});
  };
  std::size_t covered = 0;  // the end of the last match
  bool any = false;
  for (std::size_t from = 0; from <= text.size();) {
    const int found = pcre2_match_8(code, reinterpret_cast<PCRE2_SPTR8>(text.data()), text.size(), from,
                                    PCRE2_NO_UTF_CHECK, data.get(), context.get());
    if (found == PCRE2_ERROR_NOMATCH) break;
    if (found < 0) {
      throw TokenizerError({.id = "tokenizer.pattern_limit",
                            .expected = "a pattern that splits a text of " + std::to_string(text.size()) +
                                        " bytes in steps in proportion to its length",
                            .found = format::in_quotes(pattern_) + " (" + budget.reason(found) + ")",
                            .where = where_,
                            .remedy = "shorten the text, or use a tokenizer with a simpler pattern"});
    }
    const PCRE2_SIZE* match = pcre2_get_ovector_pointer_8(data.get());
    // A match of nothing right after a match does not count; the search goes on one character later.
    if (match[0] == match[1] && any && match[1] == covered) {
      if (from >= text.size()) break;
      from += character_at(text, from).bytes;
      continue;
    }
    if (match[0] > covered) add(covered, match[0], false);
    add(match[0], match[1], true);
    any = true;
    from = covered = match[1];
  }
  if (covered < text.size()) add(covered, text.size(), false);
}

EIGENFORMER_INLINE std::unique_ptr<const Pattern> make_pattern(std::string_view pattern, const std::string& where) {
  if (pattern == k_gpt2_pattern) return std::make_unique<Gpt2Pattern>();
  if (pattern == k_llama3_pattern) return std::make_unique<WordPattern>(3);
  if (pattern == k_qwen2_pattern) return std::make_unique<WordPattern>(1);
  if (pattern == k_o200k_pattern) return std::make_unique<CasedWordPattern>();
  if (pattern == k_three_digits_pattern) return std::make_unique<ThreeDigitsPattern>();
  if (pattern == k_east_asian_pattern) return std::make_unique<EastAsianPattern>();
  if (pattern == k_deepseek_pattern) return std::make_unique<DeepseekPattern>();
  return std::make_unique<RegexPattern>(pattern, where);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
