#pragma once

#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/files/large_parts.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Every member gives false, or nothing, where it does not understand the text.
class LargePartsReader {
 public:
  LargePartsReader(std::string_view text, TokenizerFile& file) : text_(text), file_(file) {}

  std::optional<std::string> run() {
    if (!members([this](std::string_view key) { return key == "model" ? model() : skip_value(); })) return std::nullopt;
    space();
    if (at_ != text_.size()) return std::nullopt;
    rest_.append(text_.substr(copied_));
    return std::move(rest_);
  }

 private:
  bool model() {
    if (!starts('{')) return skip_value();
    return members([this](std::string_view key) {
      if (key == "vocab" && starts('{')) return part([this] { return vocabulary(); });
      if (key == "vocab" && starts('[')) return part([this] { return scores(); });
      if (key == "merges" && starts('[')) return part([this] { return merges(); });
      return skip_value();
    });
  }

  /// Reads a large part and leaves null in its place.
  template <class Read>
  bool part(Read read) {
    rest_.append(text_.substr(copied_, at_ - copied_)).append("null");
    if (!read()) return false;
    copied_ = at_;
    return true;
  }

  bool vocabulary() {
    return members([this](std::string_view token) {
      const std::size_t begin = at_;
      std::int64_t id = 0;
      if (!number(id)) return false;
      if (at_ - begin > 18) return false;  // may be too large for the type
      file_.tokens.add(token, id);
      return true;
    });
  }
  bool scores() {
    return items([this] {
      std::string_view token;
      double score = 0;
      if (!take('[') || !string(token)) return false;
      file_.tokens.add(token, static_cast<std::int64_t>(file_.scores.size()));
      if (!take(',') || !number(score) || !take(']')) return false;
      file_.scores.push_back(score);
      return true;
    });
  }
  bool merges() {
    return items([this] {
      std::string_view left, right;
      if (!starts('[')) {
        if (!string(left) || left.starts_with("#version")) return false;
        const std::size_t space = left.find(' ');
        if (space == std::string_view::npos) return false;
        right = left.substr(space + 1);
        left = left.substr(0, space);
        if (right.find(' ') != std::string_view::npos) return false;
      } else {
        if (!take('[') || !string(left)) return false;
        left_ = left;  // the next string may be put together in the same place
        left = left_;
        if (!take(',') || !string(right) || !take(']')) return false;
      }
      if (left.empty() || right.empty()) return false;
      file_.merges.add(left, right);
      return true;
    });
  }

  /// An object, `member(key)` reading the value of each key.
  template <class Member>
  bool members(Member member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view key;
      if (!string(key) || !take(':')) return false;
      space();
      if (!member(key)) return false;
    } while (take(','));
    return take('}');
  }
  template <class Item>
  bool items(Item item) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      space();
      if (!item()) return false;
    } while (take(','));
    return take(']');
  }

  void space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool starts(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool take(char c) {
    space();
    if (!starts(c)) return false;
    ++at_;
    return true;
  }

  /// A string, as a view of the text or, where it has escapes, of a buffer that the next one uses again.
  bool string(std::string_view& value) {
    if (!take('"')) return false;
    const std::size_t begin = at_;
    bool ascii = true;
    for (; at_ < text_.size(); ++at_) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        value = text_.substr(begin, at_ - begin);
        ++at_;
        return ascii || find_ill_formed(value, 0) == value.size();
      }
      if (byte == '\\') return escaped_string(begin, value);
      if (byte < 0x20) return false;
      ascii = ascii && byte < 0x80;
    }
    return false;
  }
  bool escaped_string(std::size_t begin, std::string_view& value) {
    buffer_.assign(text_.substr(begin, at_ - begin));
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        value = buffer_;
        return find_ill_formed(value, 0) == value.size();
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        buffer_.push_back(c);
      } else if (!escape()) {
        return false;
      }
    }
    return false;
  }
  bool escape() {
    constexpr std::string_view k_letters = "\"\\/bfnrt", k_values = "\"\\/\b\f\n\r\t";
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    if (const std::size_t k = k_letters.find(c); c != '\0' && k != std::string_view::npos) {
      buffer_.push_back(k_values[k]);
      return true;
    }
    char32_t code_point = 0;
    if (c != 'u' || !four_digits(code_point)) return false;
    if (code_point >= 0xD800 && code_point < 0xE000) return false;  // one of a pair: rare, and the library knows them
    append_character(code_point, buffer_);
    return true;
  }
  bool four_digits(char32_t& code_point) {
    std::uint32_t value = 0;
    const char* begin = text_.data() + at_;
    if (text_.size() - at_ < 4 || std::from_chars(begin, begin + 4, value, 16).ptr != begin + 4) return false;
    at_ += 4;
    code_point = value;
    return true;
  }

  /// A number in JSON's own grammar, which from_chars is a little wider than.
  template <class Number>
  bool number(Number& value) {
    space();
    const char *begin = text_.data() + at_, *const end = text_.data() + text_.size();
    const char* first = begin < end && *begin == '-' ? begin + 1 : begin;
    if (first == end || *first < '0' || *first > '9') return false;
    if (*first == '0' && first + 1 < end && first[1] >= '0' && first[1] <= '9') return false;
    const auto [after, code] = std::from_chars(begin, end, value);
    const std::string_view read(begin, static_cast<std::size_t>(after - begin));
    const std::size_t point = read.find('.');
    const char behind = point + 1 < read.size() ? read[point + 1] : '\0';
    if (code != std::errc{} || (point != std::string_view::npos && (behind < '0' || behind > '9'))) return false;
    at_ += static_cast<std::size_t>(after - begin);
    return true;  // what may not follow a number, as ".5" after a whole one, is no comma and no bracket
  }

  /// Goes past a value without a look at what it means.
  bool skip_value() {
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) return false;
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return true;
        --depth;
      } else if (c == ',' && depth == 0) {
        return true;
      }
    }
    return false;
  }
  bool skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') return ++at_, true;
      if (text_[at_] == '\\') ++at_;
    }
    return false;
  }

  std::string_view text_;
  TokenizerFile& file_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;  ///< what of the text is in rest_, or in `file_`
  std::string rest_, buffer_, left_;
};

EIGENFORMER_INLINE std::optional<std::string> take_large_parts(std::string_view text, TokenizerFile& file) {
  TokenizerFile parts(file.tokens.watch);
  std::optional<std::string> rest = LargePartsReader(text, parts).run();
  if (rest) file = std::move(parts);
  return rest;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
