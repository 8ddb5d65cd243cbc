// The JSON directory of a safetensors file, read event by event: no tree is built, so a hostile directory costs no more
// than the entries it holds. Include in -inl.hpp files only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/format/json_events.hpp"
#include "eigenformer/format/tensor_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ..., "__metadata__": {"key": "text"}}
/// Offsets in the entries are those of the header: from the first byte after it.
class SafetensorsHeader : public JsonEvents {
 public:
  explicit SafetensorsHeader(std::string where) : JsonEvents(std::move(where), 3) {}

  std::vector<TensorEntry> take() { return std::move(entries_); }

  bool null() { return unexpected("null"); }
  bool boolean(bool) { return unexpected("a flag"); }
  bool number_integer(number_integer_t) { return unexpected("a number below zero"); }
  bool number_float(number_float_t, const string_t& text) { return unexpected("the number " + in_quotes(text)); }
  bool number_unsigned(number_unsigned_t value);
  bool string(string_t& value);
  bool start_object(std::size_t);
  bool end_object();
  bool start_array(std::size_t);
  bool end_array();
  bool key(string_t& key);

 private:
  enum class Field : std::uint8_t { none, type, shape, offsets };

  [[noreturn]] bool unexpected(const std::string& found) const;
  std::string entry_where() const { return where_ + ", tensor " + printable(entry_.name); }

  std::vector<TensorEntry> entries_;
  TensorEntry entry_;  ///< the one being read
  std::optional<DataType> type_;
  std::vector<std::uint64_t> offsets_;
  std::unordered_set<std::string> metadata_keys_;
  bool in_metadata_ = false;
  bool seen_metadata_ = false;
  Field field_ = Field::none;       ///< the one whose value comes next
  std::vector<Field> seen_fields_;  ///< of the entry being read
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
