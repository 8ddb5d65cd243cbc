// What every consumer of nlohmann's events shares: limits, errors of ours, numbers from their text. Include in -inl.hpp
// files only.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/decimal_point.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// A number's text to double by from_chars: nlohmann's own conversion depends on the locale, and so does the text that
/// it hands over, where the decimal point has become the locale's character.
inline double json_number(std::string text) {
  for (char& character : text) {
    const bool kept = (character >= '0' && character <= '9') || character == '-' || character == '+' ||
                      character == 'e' || character == 'E';
    if (!kept) character = '.';
  }
  double value = 0.0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} ? value : 0.0;  // out of range: too small, since nlohmann refuses what is too large
}

/// Base of event handlers: `Handler` has the events of nlohmann's SAX interface besides these.
class JsonEvents {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  JsonEvents(std::string where, int depth_limit) : where_(std::move(where)), depth_limit_(depth_limit) {}

  template <class Exception>
  bool parse_error(std::size_t position, const std::string& token, const Exception&) {
    throw FormatError({.id = "format.json_syntax",
                       .expected = "well-formed JSON in UTF-8",
                       .found = token.empty() ? "its end" : in_quotes(token),
                       .where = where_ + ", byte " + std::to_string(position),
                       .remedy = "download the file again, or correct it there"});
  }
  bool binary(binary_t&) { return false; }  // never happens in JSON text

 protected:
  void enter() {
    if (++depth_ <= depth_limit_) return;
    throw FormatError({.id = "format.json_depth",
                       .expected = "JSON nested at most " + std::to_string(depth_limit_) + " deep",
                       .found = "deeper nesting",
                       .where = where_,
                       .remedy = "check that this is the file you meant"});
  }
  void leave() { --depth_; }

  /// Called for each value that is kept: `{},` is three bytes of a text and more than a hundred in memory.
  void keep_one_more() {
    if (++values_ <= k_most_values) return;
    throw FormatError({.id = "format.json_size",
                       .expected = "JSON of at most " + std::to_string(k_most_values) + " values",
                       .found = "more",
                       .where = where_,
                       .remedy = "check that this is the file you meant"});
  }

  [[noreturn]] void key_twice(std::string_view key) const {
    throw FormatError({.id = "format.json_key_twice",
                       .expected = "each key of an object once",
                       .found = in_quotes(key) + " twice",
                       .where = where_,
                       .remedy = "remove one of the two"});
  }

  std::string where_;
  int depth_limit_;
  int depth_ = 0;

 private:
  /// The index of the largest checkpoints has 100,000; so many take 40 MiB at most.
  static constexpr std::size_t k_most_values = std::size_t{1} << 18U;
  std::size_t values_ = 0;
};

/// Runs the text through the handler.
template <class Handler>
void run_json_events(std::string_view text, Handler& handler) {
  const DecimalPoint point;
  nlohmann::json::sax_parse(text.begin(), text.end(), &handler);
}

/// Refuses a text that is larger than its limit.
inline void check_json_size(std::uint64_t size, std::uint64_t limit, const std::string& where) {
  if (size <= limit) return;
  throw FormatError({.id = "format.json_size",
                     .expected = "JSON of at most " + std::to_string(limit) + " bytes",
                     .found = std::to_string(size),
                     .where = where,
                     .remedy = "check that this is the file you meant"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
