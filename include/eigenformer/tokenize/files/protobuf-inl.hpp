#pragma once

#include <bit>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/files/protobuf.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void ProtobufMessage::refuse(const std::string& expected, const std::string& found) const {
  throw TokenizerError({.id = "tokenizer.protobuf_syntax",
                        .expected = expected,
                        .found = found,
                        .where = place(),
                        .remedy = "check that this is a sentencepiece model, and download it again"});
}

EIGENFORMER_INLINE std::uint64_t ProtobufMessage::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ == bytes_.size()) refuse("a whole number", "the end");
    const auto byte = static_cast<unsigned char>(bytes_[at_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  refuse("a whole number of at most 64 bits", "a longer one");
}

EIGENFORMER_INLINE std::string_view ProtobufMessage::take(std::uint64_t count) {
  const std::size_t left = bytes_.size() - at_;
  if (count > left) refuse(std::to_string(count) + " bytes", std::to_string(left));
  const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(count));
  value_begin_ = begin_ + at_;
  at_ += taken.size();
  return taken;
}

EIGENFORMER_INLINE bool ProtobufMessage::next() {
  if (at_ == bytes_.size()) return false;
  const std::uint64_t key = varint();
  field_ = key >> 3U;
  if (field_ == 0) refuse("a field's number above 0", "0");
  wire_ = static_cast<Wire>(key & 7U);
  switch (wire_) {
    case Wire::varint: integer_ = varint(); return true;
    case Wire::eight_bytes: value_ = take(8); return true;
    case Wire::length: value_ = take(varint()); return true;
    case Wire::four_bytes: value_ = take(4); return true;
  }
  refuse("a field of type 0, 1, 2 or 5", std::to_string(key & 7U));
}

EIGENFORMER_INLINE void ProtobufMessage::check(Wire wire, const char* expected) const {
  if (wire_ == wire) return;
  refuse(std::string(expected) + " in field " + std::to_string(field_),
         "type " + std::to_string(static_cast<unsigned>(wire_)));
}

EIGENFORMER_INLINE std::uint64_t ProtobufMessage::integer() const {
  check(Wire::varint, "a whole number");
  return integer_;
}

EIGENFORMER_INLINE float ProtobufMessage::number() const {
  check(Wire::four_bytes, "a number of four bytes");
  std::uint32_t bits = 0;
  for (unsigned k = 0; k < 4; ++k) bits |= static_cast<std::uint32_t>(static_cast<unsigned char>(value_[k])) << 8 * k;
  return std::bit_cast<float>(bits);
}

EIGENFORMER_INLINE std::string_view ProtobufMessage::bytes() const {
  check(Wire::length, "bytes");
  return value_;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
