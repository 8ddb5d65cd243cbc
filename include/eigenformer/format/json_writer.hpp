// JSON text, written piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

class Json;

struct JsonStyle {
  std::size_t indent = 0;  ///< spaces a level, every member on a line of its own; 0: all on one line
  bool ascii = false;      ///< other characters as \uXXXX
};

/// Whoever calls it opens and closes in order, and gives every value of an object its key. Ill-formed UTF-8 becomes
/// U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(JsonStyle style = {}) : style_(style) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view key);
  void text(std::string_view text);
  void integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  void value(const Json& value);

  std::string take() { return std::move(out_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void before_value();
  void break_line();
  void scalar(const Json& value);

  JsonStyle style_;
  std::string out_;
  std::size_t level_ = 0;
  bool is_first_ = true;  ///< nothing is in the open list or object yet
  bool behind_key_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/json_writer-inl.hpp"
#endif
