#pragma once

#include <algorithm>
#include <optional>

#include "eigenformer/chat/template/lexer.hpp"
#include "eigenformer/chat/template/literals.hpp"
#include "eigenformer/chat/template/text.hpp"
#include "eigenformer/chat/template/unicode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace lexer_detail {

/// Line breaks become \n, and one at the end is left out.
EIGENFORMER_INLINE std::string normalize_lines(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (source[at] != '\r') {
      out.push_back(source[at]);
    } else {
      out.push_back('\n');
      if (at + 1 < source.size() && source[at + 1] == '\n') ++at;
    }
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class Lexer {
 public:
  Lexer(std::string_view source, std::string_view where) : source_(normalize_lines(source)), place_{where, 1} {
    bytes_ = source_;
  }

  std::vector<Token> run() {
    while (at_ < bytes_.size()) outside();
    push(TokenKind::end);
    return std::move(tokens_);
  }

 private:
  enum class Opening { none, variable, block, comment, raw };

  struct Found {
    Opening opening = Opening::none;
    std::size_t begin = 0, end = 0;  // of the opening itself, with its sign
    char sign = 0;                   // '-', '+' or 0
  };

  bool starts(std::size_t at, std::string_view text) const { return bytes_.substr(at).starts_with(text); }

  std::size_t skip_spaces(std::size_t at) const {
    while (at < bytes_.size()) {
      const CodePoint point = decode(bytes_, at);
      if (!is_space(point.value)) break;
      at += point.size;
    }
    return at;
  }

  Token& push(TokenKind kind, std::string text = {}) {
    tokens_.push_back({.kind = kind, .line = place_.line, .text = std::move(text)});
    return tokens_.back();
  }

  /// Goes on to `end`, counting lines.
  void advance(std::size_t end) {
    place_.line += static_cast<int>(std::count(bytes_.begin() + static_cast<std::ptrdiff_t>(at_),
                                               bytes_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    if (end > at_) line_starts_ = bytes_[end - 1] == '\n';
    at_ = end;
  }

  Found find_opening() const {
    for (std::size_t at = at_; (at = bytes_.find('{', at)) != std::string_view::npos; ++at) {
      const char next = at + 1 < bytes_.size() ? bytes_[at + 1] : '\0';
      if (next != '{' && next != '%' && next != '#') continue;
      Found found{next == '{' ? Opening::variable : next == '%' ? Opening::block : Opening::comment, at, at + 2, 0};
      if (found.end < bytes_.size() && (bytes_[found.end] == '-' || bytes_[found.end] == '+')) {
        found.sign = bytes_[found.end++];
      }
      if (found.opening == Opening::block) {
        if (const auto end = raw_begin(found.end)) return {Opening::raw, at, *end, found.sign};
      }
      return found;
    }
    return {Opening::none, bytes_.size(), bytes_.size(), 0};
  }

  /// Where "raw %}" ends that begins at `at`, if it does.
  std::optional<std::size_t> raw_begin(std::size_t at) const {
    at = skip_spaces(at);
    if (!starts(at, "raw")) return std::nullopt;
    at = skip_spaces(at + 3);
    if (starts(at, "-%}")) return skip_spaces(at + 3);
    if (starts(at, "%}")) return at + 2;
    return std::nullopt;
  }

  /// The text from here to a tag, less the white space that the tag takes away: with a hyphen all of it; without a
  /// sign, before blocks and comments, what stands between the beginning of the line and the tag.
  void data(const Found& found) {
    std::string_view text = bytes_.substr(at_, found.begin - at_);
    if (found.sign == '-') {
      text = text.substr(0, trailing_spaces(text, 0));
    } else if (found.sign != '+' && found.opening != Opening::variable && found.opening != Opening::none) {
      const std::size_t newline = text.rfind('\n');
      const std::size_t line = newline == std::string_view::npos ? 0 : newline + 1;
      if ((line > 0 || line_starts_) && trailing_spaces(text, line) == line) text = text.substr(0, line);
    }
    if (!text.empty()) push(TokenKind::data, std::string(text));
  }

  /// Where the white space at the end of `text` begins, looking no further back than `from`.
  static std::size_t trailing_spaces(std::string_view text, std::size_t from) {
    std::size_t begin = from;
    for (std::size_t at = from; at < text.size();) {
      const CodePoint point = decode(text, at);
      at += point.size;
      if (!is_space(point.value)) begin = at;
    }
    return begin;
  }

  void outside() {
    const Found found = find_opening();
    data(found);
    advance(found.begin);
    if (found.opening == Opening::none) return;
    if (found.opening == Opening::variable) push(TokenKind::variable_begin);
    if (found.opening == Opening::block) push(TokenKind::block_begin);
    advance(found.end);
    if (found.opening == Opening::raw) return raw();
    if (found.opening == Opening::comment) return comment();
    while (!tag_end(found.opening)) token();
  }

  /// `-%}` takes the white space behind it away, `%}` one newline; `+%}` nothing.
  std::optional<std::size_t> block_end(std::size_t at, std::string_view closing) const {
    if (starts(at, "-") && starts(at + 1, closing)) return skip_spaces(at + 3);
    if (starts(at, "+") && starts(at + 1, closing)) return at + 3;
    if (!starts(at, closing)) return std::nullopt;
    return starts(at + 2, "\n") ? at + 3 : at + 2;
  }

  bool tag_end(Opening opening) {
    advance(skip_spaces(at_));
    if (at_ >= bytes_.size()) place_.fail_syntax("the end of the tag", "the end of the template");
    if (!open_.empty()) return false;
    std::optional<std::size_t> end;
    if (opening == Opening::block) {
      end = block_end(at_, "%}");
    } else if (starts(at_, "-}}")) {
      end = skip_spaces(at_ + 3);
    } else if (starts(at_, "}}")) {
      end = at_ + 2;
    }
    if (!end) return false;
    push(opening == Opening::block ? TokenKind::block_end : TokenKind::variable_end);
    advance(*end);
    return true;
  }

  void comment() {
    for (std::size_t at = at_; at < bytes_.size(); ++at) {
      if (const auto end = block_end(at, "#}")) return advance(*end);
    }
    place_.fail_syntax("the end '#}' of the comment", "the end of the template");
  }

  void raw() {
    for (std::size_t at = at_; (at = bytes_.find("{%", at)) != std::string_view::npos; ++at) {
      Found found{Opening::raw, at, at + 2, 0};
      if (starts(found.end, "-") || starts(found.end, "+")) found.sign = bytes_[found.end++];
      const std::size_t word = skip_spaces(found.end);
      if (!starts(word, "endraw")) continue;
      const auto end = block_end(skip_spaces(word + 6), "%}");
      if (!end) continue;
      data(found);
      return advance(*end);
    }
    place_.fail_syntax("the end '{% endraw %}' of the raw block", "the end of the template");
  }

  void token() {
    const std::string_view rest = bytes_.substr(at_);
    Token number{.line = place_.line};
    if (const std::size_t size = scan_number(rest, at_ > 0 && bytes_[at_ - 1] == '.', place_, number)) {
      tokens_.push_back(std::move(number));
      return advance(at_ + size);
    }
    if (rest[0] == '"' || rest[0] == '\'') return literal(rest[0]);
    std::size_t end = at_;
    while (end < bytes_.size() && is_identifier_part(decode(bytes_, end).value)) end += decode(bytes_, end).size;
    if (end > at_) {
      if (!is_identifier_start(decode(bytes_, at_).value)) place_.fail_syntax("a name", described(rest));
      push(TokenKind::name, std::string(bytes_.substr(at_, end - at_)));
      return advance(end);
    }
    operator_token(rest);
  }

  std::string described(std::string_view rest) const {
    return "'" + std::string(rest.substr(0, decode(rest, 0).size)) + "'";
  }

  void literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < bytes_.size() && bytes_[end] != quote) end += bytes_[end] == '\\' ? 2 : 1;
    if (end >= bytes_.size()) place_.fail_syntax("the closing quote of a text", "the end of the template");
    push(TokenKind::text, unescape(bytes_.substr(at_ + 1, end - at_ - 1), place_));
    advance(end + 1);
  }

  void operator_token(std::string_view rest) {
    static constexpr std::string_view k_operators[] = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/",
                                                       "*",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                                       ">",  "<",  "=",  ".",  ":",  "|",  ",", ";"};
    const auto* found = std::ranges::find_if(k_operators, [&](std::string_view op) { return rest.starts_with(op); });
    if (found == std::end(k_operators)) place_.fail_syntax("a name, a literal or an operator", described(rest));
    const char c = found->front();
    if (c == '(' || c == '[' || c == '{') open_.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
    if (c == ')' || c == ']' || c == '}') {
      if (open_.empty()) place_.fail_syntax("an expression", "a '" + std::string(1, c) + "' that nothing opens");
      if (open_.back() != c) {
        place_.fail_syntax("'" + std::string(1, open_.back()) + "'", "'" + std::string(1, c) + "'");
      }
      open_.pop_back();
    }
    push(TokenKind::op, std::string(*found));
    advance(at_ + found->size());
  }

  std::string source_;
  SourcePlace place_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool line_starts_ = true;  // what was read last ended with a newline, or nothing was read
  std::string open_;         // closing brackets that are still to come
  std::vector<Token> tokens_;
};

}  // namespace lexer_detail

EIGENFORMER_INLINE std::vector<Token> tokenize_template(std::string_view source, std::string_view where) {
  return lexer_detail::Lexer(source, where).run();
}

EIGENFORMER_INLINE std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::data: return "text outside of tags";
    case TokenKind::variable_begin: return "'{{'";
    case TokenKind::variable_end: return "'}}'";
    case TokenKind::block_begin: return "'{%'";
    case TokenKind::block_end: return "'%}'";
    case TokenKind::text: return "a text in quotes";
    case TokenKind::integer:
    case TokenKind::number: return "a number";
    case TokenKind::end: return "the end of the template";
    default: return "'" + token.text + "'";
  }
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
