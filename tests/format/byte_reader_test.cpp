#include "eigenformer/format/byte_reader.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/format/builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer_tests::append;
using eigenformer_tests::Bytes;
using eigenformer_tests::error_of;
using eigenformer_tests::source_of;
namespace format = eigenformer::format;

TEST(ByteReader, ReadsEveryTypeLittleEndian) {
  Bytes bytes;
  append(bytes, std::uint8_t{0xAB});
  append(bytes, std::uint16_t{0x1234});
  append(bytes, std::uint32_t{0x89ABCDEF});
  append(bytes, std::uint64_t{0x0123456789ABCDEF});
  append(bytes, 1.5F);
  append(bytes, -2.25);
  append(bytes, std::uint64_t{3});
  eigenformer_tests::append_text(bytes, "abcxyz");
  const auto source = source_of(bytes);
  format::ByteReader reader(*source);
  EXPECT_EQ(reader.u8(), 0xAB);
  EXPECT_EQ(reader.u16(), 0x1234);
  EXPECT_EQ(reader.u32(), 0x89ABCDEFU);
  EXPECT_EQ(reader.u64(), 0x0123456789ABCDEFULL);
  EXPECT_EQ(reader.f32(), 1.5F);
  EXPECT_EQ(reader.f64(), -2.25);
  EXPECT_EQ(reader.text(), "abc");
  EXPECT_EQ(reader.position(), 38U);
  reader.skip(1);
  EXPECT_EQ(reader.take(2)[1], std::byte{'z'});
  EXPECT_EQ(reader.remaining(), 0U);
}

TEST(ByteReader, WindowsDoNotShow) {
  Bytes bytes(3'000'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
  const auto source = source_of(bytes);
  format::ByteReader reader(*source);
  std::uint64_t step = 1;
  while (reader.remaining() > step) {
    const std::uint64_t at = reader.position();
    if (step % 3 == 0) {
      reader.skip(step);
    } else {
      const auto taken = reader.take(step);
      ASSERT_TRUE(std::equal(taken.begin(), taken.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at))) << at;
    }
    step = step * 5 % 300'007 + 1;
  }
}

TEST(ByteReader, EndsAreErrorsWithTheByte) {
  const auto source = source_of(Bytes(10));
  format::ByteReader reader(*source);
  reader.skip(4);
  EXPECT_EQ(error_of([&] { reader.u64(); }),
            "format.truncated: small.bin, byte 4: expected 8 more bytes, found 6; download the file again: it is cut "
            "short or "
            "damaged");
  EXPECT_EQ(error_of([&] { reader.skip(7); }),
            "format.truncated: small.bin, byte 4: expected 7 more bytes, found 6; download the file again: it is cut "
            "short or "
            "damaged");
  EXPECT_EQ(reader.position(), 4U);
  EXPECT_EQ(error_of([&] { reader.take(std::numeric_limits<std::uint64_t>::max()); }),
            "format.truncated: small.bin, byte 4: expected 18446744073709551615 more bytes, found 6; download the file "
            "again: "
            "it is cut short or damaged");
}

TEST(ByteReader, LengthsAndCountsAreNotTrusted) {
  for (const std::uint64_t huge : {std::uint64_t{1} << 25U, std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    Bytes bytes;
    append(bytes, huge);
    const auto source = source_of(bytes);
    EXPECT_EQ(error_of([&] { format::ByteReader(*source).text(); }),
              "format.string_too_long: small.bin, byte 8: expected a string of at most 16777216 bytes, found " +
                  std::to_string(huge) + "; download the file again: it is damaged or was made to do harm");
    EXPECT_EQ(
        error_of([&] { format::ByteReader(*source).count(12, "arrays"); }),
        "format.count: small.bin, byte 8: expected at most as many arrays as fit the file's remaining 0 bytes, found " +
            std::to_string(huge) + "; download the file again: it is damaged or was made to do harm");
  }
}

TEST(ByteReader, OverflowIsAnError) {
  const std::uint64_t most = ~std::uint64_t{0};
  EXPECT_EQ(format::checked_multiply(most / 3, 3, "x"), most / 3 * 3);
  EXPECT_EQ(format::checked_multiply(most, 0, "x"), 0U);
  EXPECT_EQ(format::checked_add(most - 3, 3, "x"), most);
  const std::string error =
      "format.size_overflow: f, tensor t: expected sizes whose product and sum fit 64 bits, found larger ones; "
      "download the "
      "file again: it is damaged or was made to do harm";
  EXPECT_EQ(error_of([&] { format::checked_multiply(most / 3 + 1, 3, "f, tensor t"); }), error);
  EXPECT_EQ(error_of([&] { format::checked_add(most - 3, 4, "f, tensor t"); }), error);
}

TEST(Printable, EscapesAndShortens) {
  EXPECT_EQ(format::printable("a b~"), "a b~");
  EXPECT_EQ(format::printable(std::string_view("\n\0\xFF", 3)), "\\x0a\\x00\\xff");
  EXPECT_EQ(format::in_quotes(std::string(97, 'x')), '"' + std::string(96, 'x') + "...\"");
}

}  // namespace
