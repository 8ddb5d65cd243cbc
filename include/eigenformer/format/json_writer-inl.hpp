#pragma once

#include <nlohmann/json.hpp>

#include "eigenformer/format/json_value.hpp"
#include "eigenformer/format/json_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace json_writer_detail {

/// Of a single number, text or constant: such a value of nlohmann's is freed without an allocation.
template <class Scalar>
std::string dumped(Scalar value, JsonStyle style) {
  return nlohmann::json(std::move(value)).dump(-1, ' ', style.ascii, nlohmann::json::error_handler_t::replace);
}

}  // namespace json_writer_detail

EIGENFORMER_INLINE void JsonWriter::break_line() {
  if (style_.indent == 0) return;
  out_ += '\n';
  out_.append(level_ * style_.indent, ' ');
}

EIGENFORMER_INLINE void JsonWriter::before_value() {
  if (std::exchange(behind_key_, false) || level_ == 0) return;
  if (!is_first_) out_ += ',';
  is_first_ = false;
  break_line();
}

EIGENFORMER_INLINE void JsonWriter::open(char bracket) {
  before_value();
  out_ += bracket;
  ++level_;
  is_first_ = true;
}

EIGENFORMER_INLINE void JsonWriter::close(char bracket) {
  --level_;
  if (!is_first_) break_line();
  is_first_ = false;
  out_ += bracket;
}

EIGENFORMER_INLINE void JsonWriter::key(std::string_view key) {
  text(key);
  out_ += style_.indent == 0 ? ":" : ": ";
  behind_key_ = true;
}

EIGENFORMER_INLINE void JsonWriter::text(std::string_view text) {
  before_value();
  out_ += json_writer_detail::dumped(std::string(text), style_);
}

EIGENFORMER_INLINE void JsonWriter::integer(std::int64_t value) {
  before_value();
  out_ += std::to_string(value);
}

EIGENFORMER_INLINE void JsonWriter::unsigned_integer(std::uint64_t value) {
  before_value();
  out_ += std::to_string(value);
}

EIGENFORMER_INLINE void JsonWriter::value(const Json& value) {
  if (value.is_object()) {
    begin_object();
    for (const auto& [name, member] : value.members()) {
      key(name);
      this->value(member);
    }
    end_object();
  } else if (value.is_array()) {
    begin_array();
    for (const Json& element : value.elements()) this->value(element);
    end_array();
  } else if (value.is_text()) {
    text(value.text());
  } else {
    scalar(value);
  }
}

EIGENFORMER_INLINE void JsonWriter::scalar(const Json& value) {
  if (value.exceeds_int64()) return unsigned_integer(value.unsigned_integer());
  if (value.is_integer()) return integer(value.integer());
  before_value();
  if (value.is_null()) {
    out_ += "null";
  } else if (value.is_boolean()) {
    out_ += value.boolean() ? "true" : "false";
  } else {
    out_ += json_writer_detail::dumped(value.number(), style_);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
