// The one bounded reader that every binary parser uses: it never reads past its range, never trusts a length, and each
// of its failures is a FormatError that names the file and the byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Longest string that a file may hold.
inline constexpr std::uint64_t k_longest_string_bytes = std::uint64_t{16} << 20U;

/// Reads a source front to back, little endian, through a window, so that the memory it takes does not depend on what
/// the file says about itself.
class ByteReader {
 public:
  explicit ByteReader(const ByteSource& source);

  std::uint64_t position() const { return position_; }
  std::uint64_t remaining() const { return size_ - position_; }

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  float f32();
  double f64();

  /// The next `count` bytes, valid until the next call.
  std::span<const std::byte> take(std::uint64_t count);
  void skip(std::uint64_t count);
  /// A string behind a 64-bit length, of at most `limit_bytes`.
  std::string text(std::uint64_t limit_bytes = k_longest_string_bytes);
  /// Passes over such a string without keeping it.
  void skip_text(std::uint64_t limit_bytes = k_longest_string_bytes);
  /// A 64-bit count of things that take at least `smallest_bytes` each: more than could follow is an error, so that the
  /// count may be trusted with a loop. `what` is for the message: "tensors".
  std::uint64_t count(std::uint64_t smallest_bytes, std::string_view what);

  /// "model.gguf, byte 24", for messages.
  std::string where() const;

 private:
  const std::byte* need(std::uint64_t count);
  std::uint64_t text_length(std::uint64_t limit_bytes);

  const ByteSource& source_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
  std::vector<std::byte> window_;
  std::uint64_t window_begin_ = 0;  ///< position of window_[0]
  std::uint64_t window_bytes_ = 0;  ///< how much of window_ is filled
};

/// a * b and a + b, where a result beyond 64 bits is FormatError "format.size_overflow" at `where`.
std::uint64_t checked_multiply(std::uint64_t a, std::uint64_t b, std::string_view where);
std::uint64_t checked_add(std::uint64_t a, std::uint64_t b, std::string_view where);

/// Text of a file as it may stand in a message: shortened, with control and non-ASCII bytes escaped; and the same in
/// quotes.
std::string printable(std::string_view text);
std::string in_quotes(std::string_view text);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/byte_reader-inl.hpp"
#endif
