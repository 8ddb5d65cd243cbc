#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace byte_reader_detail {

static_assert(std::endian::native == std::endian::little,
              "model files are little endian, and eigenformer reads them on little-endian machines only");

inline constexpr std::uint64_t k_window_bytes = std::uint64_t{256} << 10U;

template <class T>
T as(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

[[noreturn]] inline void overflow(std::string_view where) {
  throw FormatError({.id = "format.size_overflow",
                     .expected = "sizes whose product and sum fit 64 bits",
                     .found = "larger ones",
                     .where = std::string(where),
                     .remedy = "download the file again: it is damaged or was made to do harm"});
}

}  // namespace byte_reader_detail

EIGENFORMER_INLINE ByteReader::ByteReader(const ByteSource& source) : source_(source), size_(source.size()) {}

// The next `count` bytes in the window, which is filled again from the position where they are not all in it.
EIGENFORMER_INLINE const std::byte* ByteReader::need(std::uint64_t count) {
  if (count > remaining()) throw_truncated(source_, {.offset = position_, .wanted = count, .left = remaining()});
  if (position_ + count > window_begin_ + window_bytes_) {
    const std::uint64_t fill = std::max(count, std::min(byte_reader_detail::k_window_bytes, remaining()));
    if (window_.size() < fill) window_.resize(static_cast<std::size_t>(fill));
    source_.read(position_, std::span(window_).first(static_cast<std::size_t>(fill)));
    window_begin_ = position_;
    window_bytes_ = fill;
  }
  const std::byte* const bytes = window_.data() + (position_ - window_begin_);
  position_ += count;
  return bytes;
}

EIGENFORMER_INLINE std::uint8_t ByteReader::u8() { return byte_reader_detail::as<std::uint8_t>(need(1)); }
EIGENFORMER_INLINE std::uint16_t ByteReader::u16() { return byte_reader_detail::as<std::uint16_t>(need(2)); }
EIGENFORMER_INLINE std::uint32_t ByteReader::u32() { return byte_reader_detail::as<std::uint32_t>(need(4)); }
EIGENFORMER_INLINE std::uint64_t ByteReader::u64() { return byte_reader_detail::as<std::uint64_t>(need(8)); }
EIGENFORMER_INLINE float ByteReader::f32() { return byte_reader_detail::as<float>(need(4)); }
EIGENFORMER_INLINE double ByteReader::f64() { return byte_reader_detail::as<double>(need(8)); }

EIGENFORMER_INLINE std::span<const std::byte> ByteReader::take(std::uint64_t count) {
  return {need(count), static_cast<std::size_t>(count)};
}

EIGENFORMER_INLINE void ByteReader::skip(std::uint64_t count) {
  if (count > remaining()) need(count);
  position_ += count;
  if (position_ > window_begin_ + window_bytes_) {  // beyond the window: the next read fills it from here
    window_begin_ = position_;
    window_bytes_ = 0;
  }
}

EIGENFORMER_INLINE std::uint64_t ByteReader::text_length(std::uint64_t limit_bytes) {
  const std::uint64_t length = u64();
  if (length > limit_bytes) {
    throw FormatError({.id = "format.string_too_long",
                       .expected = "a string of at most " + std::to_string(limit_bytes) + " bytes",
                       .found = std::to_string(length),
                       .where = where(),
                       .remedy = "download the file again: it is damaged or was made to do harm"});
  }
  return length;
}

EIGENFORMER_INLINE std::string ByteReader::text(std::uint64_t limit_bytes) {
  const auto bytes = take(text_length(limit_bytes));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

EIGENFORMER_INLINE void ByteReader::skip_text(std::uint64_t limit_bytes) { skip(text_length(limit_bytes)); }

EIGENFORMER_INLINE std::uint64_t ByteReader::count(std::uint64_t smallest_bytes, std::string_view what) {
  const std::uint64_t value = u64();
  if (value > remaining() / smallest_bytes) {
    throw FormatError({.id = "format.count",
                       .expected = "at most as many " + std::string(what) + " as fit the file's remaining " +
                                   std::to_string(remaining()) + " bytes",
                       .found = std::to_string(value),
                       .where = where(),
                       .remedy = "download the file again: it is damaged or was made to do harm"});
  }
  return value;
}

EIGENFORMER_INLINE std::string ByteReader::where() const {
  return source_.name() + ", byte " + std::to_string(position_);
}

EIGENFORMER_INLINE std::uint64_t checked_multiply(std::uint64_t a, std::uint64_t b, std::string_view where) {
  if (b != 0 && a > ~std::uint64_t{0} / b) byte_reader_detail::overflow(where);
  return a * b;
}

EIGENFORMER_INLINE std::uint64_t checked_add(std::uint64_t a, std::uint64_t b, std::string_view where) {
  if (a > ~std::uint64_t{0} - b) byte_reader_detail::overflow(where);
  return a + b;
}

EIGENFORMER_INLINE std::string printable(std::string_view text) {
  constexpr std::size_t longest = 96;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char character : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte < 0x7F) {
      out += character;
    } else {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0x0FU];
    }
  }
  return text.size() > longest ? out + "..." : out;
}

EIGENFORMER_INLINE std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
