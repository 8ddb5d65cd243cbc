// One message of a protobuf file, field by field: https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A view of bytes that outlive it. Nothing is copied, and no length is believed: TokenizerError
/// "tokenizer.protobuf_syntax" with the byte's place for what cannot be read.
class ProtobufMessage {
 public:
  /// `begin` is the place of the bytes in the file, and `where` the file, for messages.
  ProtobufMessage(std::string_view bytes, const std::string& where, std::size_t begin = 0)
      : bytes_(bytes), where_(where), begin_(begin) {}

  /// Goes to the next field; false at the end.
  bool next();
  std::uint64_t field() const { return field_; }

  /// The value of the field, which must be of that kind.
  std::uint64_t integer() const;
  bool flag() const { return integer() != 0; }
  float number() const;
  std::string_view bytes() const;
  ProtobufMessage message() const { return {bytes(), where_, value_begin_}; }

  /// "spiece.model, byte 24".
  std::string place() const { return where_ + ", byte " + std::to_string(begin_ + at_); }

 private:
  enum class Wire : std::uint8_t { varint = 0, eight_bytes = 1, length = 2, four_bytes = 5 };
  std::uint64_t varint();
  std::string_view take(std::uint64_t count);
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const;
  void check(Wire wire, const char* expected) const;

  std::string_view bytes_;
  const std::string& where_;
  std::size_t begin_ = 0;
  std::size_t at_ = 0;
  std::uint64_t field_ = 0;
  Wire wire_ = Wire::varint;
  std::uint64_t integer_ = 0;
  std::string_view value_;
  std::size_t value_begin_ = 0;  ///< of `value_`, in the file
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/protobuf-inl.hpp"
#endif
