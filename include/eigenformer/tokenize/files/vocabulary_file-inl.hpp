#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/format/json_builder.hpp"
#include "eigenformer/format/json_events.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/files/large_parts.hpp"
#include "eigenformer/tokenize/files/vocabulary_file.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace vocabulary_file_detail {

using format::Json;

/// Takes the events of {"token": id, ...}.
class VocabularyEvents {
 public:
  explicit VocabularyEvents(std::string where, TokenList& tokens) : where_(std::move(where)), tokens_(tokens) {}

  void key(std::string&& token) { token_ = std::move(token); }
  void number(std::int64_t id) { tokens_.add(token_, id); }
  [[noreturn]] void refuse(const std::string& found) const {
    throw TokenizerError({.id = "tokenizer.vocabulary_value",
                          .expected = "a whole number as the id of " + format::in_quotes(token_),
                          .found = found,
                          .where = where_,
                          .remedy = "download the file again"});
  }

 private:
  std::string where_;
  TokenList& tokens_;
  std::string token_;
};

/// Takes the events of [["token", score], ...].
class ScoreEvents {
 public:
  explicit ScoreEvents(std::string where, TokenizerFile& file) : where_(std::move(where)), file_(file) {}

  void string(std::string&& text) {
    if (stage_ != Stage::token) refuse("a string");
    file_.tokens.add(text, static_cast<std::int64_t>(file_.scores.size()));
    stage_ = Stage::score;
  }
  void number(double score) {
    if (stage_ != Stage::score) refuse("a number");
    file_.scores.push_back(score);
    stage_ = Stage::end;
  }
  void begin() {
    if (stage_ != Stage::item) refuse("an array");
    stage_ = Stage::token;
  }
  /// False where it is the end of the whole list.
  bool end() {
    if (stage_ == Stage::item) return false;
    if (stage_ != Stage::end) refuse("an array that ends too early");
    stage_ = Stage::item;
    return true;
  }
  [[noreturn]] void refuse(const std::string& found) const {
    throw TokenizerError({.id = "tokenizer.scored_token",
                          .expected = "tokens as [\"token\", score]",
                          .found = found,
                          .where = where_ + ", token " + std::to_string(file_.scores.size()),
                          .remedy = "download the file again"});
  }

 private:
  enum class Stage : std::uint8_t { item, token, score, end };
  std::string where_;
  TokenizerFile& file_;
  Stage stage_ = Stage::item;
};

/// Takes the events of ["left right", ...] or [["left", "right"], ...].
class MergeEvents {
 public:
  explicit MergeEvents(std::string where, MergeList& merges) : where_(std::move(where)), merges_(merges) {}

  void string(std::string&& text) {
    if (in_pair_) {
      if (pair_.size() == 2) refuse("more than two texts");
      pair_.push_back(std::move(text));
    } else if (text.rfind("#version", 0) != 0) {
      merges_.add_line(text, where_);
    }
  }
  void begin() {
    if (in_pair_) refuse("an array in a pair");
    in_pair_ = true;
  }
  /// False where it is the end of the whole list.
  bool end() {
    if (!in_pair_) return false;
    if (pair_.size() != 2 || pair_[0].empty() || pair_[1].empty()) refuse("a pair without two texts");
    merges_.add(pair_[0], pair_[1]);
    pair_.clear();
    in_pair_ = false;
    return true;
  }
  [[noreturn]] void refuse(const std::string& found) const {
    throw TokenizerError({.id = "tokenizer.merge_value",
                          .expected = "merges as \"left right\" or as [\"left\", \"right\"]",
                          .found = found,
                          .where = where_ + ", merge " + std::to_string(merges_.size()),
                          .remedy = "download the file again"});
  }

 private:
  std::string where_;
  MergeList& merges_;
  bool in_pair_ = false;
  std::vector<std::string> pair_;
};

/// Where in the file the large parts are.
enum class Layout : std::uint8_t { tokenizer, vocabulary };

/// Passes events on to the builder of a Json, but for the large parts.
class Events : public format::JsonEvents {
 public:
  Events(Layout layout, const std::string& where, TokenizerFile& file)
      : JsonEvents(where, format::JsonLimits{}.depth),
        layout_(layout),
        builder_(where, format::JsonLimits{}.depth),
        vocabulary_(where, file.tokens),
        scores_(where, file),
        merges_(where, file.merges) {}

  bool null() {
    return scalar("null", [&] { builder_.null(); });
  }
  bool boolean(bool value) {
    return scalar("true or false", [&] { builder_.boolean(value); });
  }
  bool number_float(number_float_t value, const string_t& text) {
    if (part_ == Part::scores) return scores_.number(value), true;
    return scalar("a fraction", [&] { builder_.number_float(value, text); });
  }
  bool number_integer(number_integer_t value) {
    if (part_ == Part::vocabulary) return vocabulary_.number(value), true;
    if (part_ == Part::scores) return scores_.number(static_cast<double>(value)), true;
    return scalar("a number", [&] { builder_.number_integer(value); });
  }
  bool number_unsigned(number_unsigned_t value) {
    if (part_ == Part::vocabulary && value >> 63U == 0) {
      return vocabulary_.number(static_cast<std::int64_t>(value)), true;
    }
    if (part_ == Part::scores) return scores_.number(static_cast<double>(value)), true;
    return scalar("a number", [&] { builder_.number_unsigned(value); });
  }
  bool string(string_t& value) {
    if (part_ == Part::merges) return merges_.string(std::move(value)), true;
    if (part_ == Part::scores) return scores_.string(std::move(value)), true;
    return scalar("a string", [&] { builder_.string(value); });
  }
  bool start_object(std::size_t size) {
    if (part_ != Part::rest) refuse("an object");
    if (begins(Part::vocabulary)) return enter_part(Part::vocabulary);
    path_.emplace_back();
    return builder_.start_object(size);
  }
  bool end_object() {
    if (part_ == Part::vocabulary) return leave_part();
    path_.pop_back();
    return builder_.end_object();
  }
  bool start_array(std::size_t size) {
    if (part_ == Part::merges) return merges_.begin(), true;
    if (part_ == Part::scores) return scores_.begin(), true;
    if (part_ == Part::vocabulary) refuse("an array");
    if (begins(Part::merges)) return enter_part(Part::merges);
    if (begins(Part::scores)) return enter_part(Part::scores);
    path_.emplace_back();
    return builder_.start_array(size);
  }
  bool end_array() {
    if (part_ == Part::merges) return merges_.end() || leave_part();
    if (part_ == Part::scores) return scores_.end() || leave_part();
    path_.pop_back();
    return builder_.end_array();
  }
  bool key(string_t& key) {
    if (part_ == Part::vocabulary) return vocabulary_.key(std::move(key)), true;
    path_.back() = key;
    return builder_.key(key);
  }

  Json take() { return builder_.take(); }

 private:
  enum class Part : std::uint8_t { rest, vocabulary, scores, merges };

  /// Whether the container that begins here is a large part.
  bool begins(Part part) const {
    if (layout_ == Layout::vocabulary) return part == Part::vocabulary && path_.empty();
    return path_.size() == 2 && path_[0] == "model" && path_[1] == (part == Part::merges ? "merges" : "vocab");
  }
  bool enter_part(Part part) {
    part_ = part;
    return true;
  }
  bool leave_part() {
    part_ = Part::rest;
    return builder_.null();
  }
  [[noreturn]] void refuse(const std::string& found) const {
    if (part_ == Part::merges) merges_.refuse(found);
    if (part_ == Part::scores) scores_.refuse(found);
    vocabulary_.refuse(found);
  }
  template <class Pass>
  bool scalar(const char* found, Pass pass) {
    if (part_ != Part::rest) refuse(found);
    pass();
    return true;
  }

  Layout layout_;
  format::JsonBuilder builder_;
  VocabularyEvents vocabulary_;
  ScoreEvents scores_;
  MergeEvents merges_;
  Part part_ = Part::rest;
  std::vector<std::string> path_;  ///< the key of each open container's current member
};

inline Json run(Layout layout, std::string_view text, const std::string& where, TokenizerFile& file) {
  format::check_json_size(text.size(), k_vocabulary_file_bytes, where);
  Events events(layout, where, file);
  format::run_json_events(text, events);
  return events.take();
}

}  // namespace vocabulary_file_detail

EIGENFORMER_INLINE format::Json read_tokenizer_json(std::string_view text, const std::string& where,
                                                    TokenizerFile& file) {
  using vocabulary_file_detail::run;
  constexpr auto k_layout = vocabulary_file_detail::Layout::tokenizer;
  format::check_json_size(text.size(), k_vocabulary_file_bytes, where);
  if (const std::optional<std::string> rest = take_large_parts(text, file)) {
    try {
      return run(k_layout, *rest, where, file);
    } catch (const FormatError&) {
      file = TokenizerFile(file.tokens.watch);  // the whole text has the places to name in the message
    }
  }
  return run(k_layout, text, where, file);
}

EIGENFORMER_INLINE TokenList read_vocabulary_json(std::string_view text, const std::string& where,
                                                  format::LoadWatch watch) {
  TokenizerFile file(watch);
  const format::Json rest = vocabulary_file_detail::run(vocabulary_file_detail::Layout::vocabulary, text, where, file);
  if (rest.is_null()) return std::move(file.tokens);
  throw TokenizerError({.id = "tokenizer.vocabulary_file",
                        .expected = "an object of tokens and ids",
                        .found = rest.is_array() ? "an array" : "a single value",
                        .where = where,
                        .remedy = "download the file again"});
}

EIGENFORMER_INLINE TokenList read_vocabulary_text(std::string_view text, const std::string& where,
                                                  format::LoadWatch watch) {
  std::map<std::string_view, std::int64_t> ids;
  for (std::int64_t id = 0; !text.empty(); ++id) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (find_ill_formed(line, 0) != line.size()) {
      throw TokenizerError({.id = "tokenizer.token_text",
                            .expected = "tokens in UTF-8",
                            .found = format::in_quotes(line),
                            .where = where,
                            .remedy = "download the file again"});
    }
    while (!line.empty()) {
      const std::size_t last = previous_character(line, line.size());
      if (!is_space(character_at(line, last).code_point)) break;
      line = line.substr(0, last);
    }
    ids[line] = id;
  }
  TokenList tokens{.watch = watch};
  for (const auto& [token, id] : ids) tokens.add(token, id);
  return tokens;
}

EIGENFORMER_INLINE MergeList read_merges_text(std::string_view text, const std::string& where,
                                              format::LoadWatch watch) {
  MergeList merges{.watch = watch};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.rfind("#version", 0) != 0) merges.add_line(line, where);
  }
  return merges;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
