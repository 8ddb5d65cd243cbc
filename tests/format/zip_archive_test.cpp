#include "eigenformer/format/zip_archive.hpp"

#include <gtest/gtest.h>

#include <string>

#include "eigenformer/format/crc32.hpp"
#include "tests/format/builders.hpp"
#include "tests/format/torch_builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer_tests::Bytes;
using eigenformer_tests::error_of;
using eigenformer_tests::source_of;
using eigenformer_tests::ZipBuilder;
namespace format = eigenformer::format;

std::string text_of(const Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

ZipBuilder two_members() {
  ZipBuilder zip;
  zip.member("m/a", "first").member("m/b", "");
  return zip;
}

std::string zip_error(const Bytes& bytes) {
  return error_of([&] { format::ZipArchive archive(source_of(bytes, "m.zip")); });
}
std::string directory_error(const std::string& found) {
  return "format.zip_directory: m.zip: expected a zip archive with the directory of its members at the end, found " +
         found + "; download the file again: it is cut short or damaged";
}
std::string member_error(const std::string& member, const std::string& found) {
  return "format.zip_member: m.zip, member " + member +
         ": expected a member with a header of its own, between its neighbours in the archive, found " + found +
         "; download the file again: it is damaged or was made to do harm";
}

/// Opens an archive and reads every member.
std::string use_error(const Bytes& bytes) {
  return error_of([&] {
    const format::ZipArchive archive(source_of(bytes, "m.zip"));
    for (const auto& member : archive.members()) archive.read(member, 1000);
  });
}

TEST(ZipArchive, FindsAndReads) {
  for (const bool is_64 : {false, true}) {
    for (const char* const comment : {"", "a comment", "PK\x05\x06 and then not an end"}) {
      ZipBuilder zip = two_members();
      zip.is_64 = is_64;
      zip.comment = comment;
      const format::ZipArchive archive(source_of(zip.build()));
      ASSERT_EQ(archive.members().size(), 2U);
      ASSERT_NE(archive.find("m/a"), nullptr);
      EXPECT_EQ(text_of(archive.read(*archive.find("m/a"), 5)), "first");
      EXPECT_EQ(text_of(archive.read(*archive.find("m/b"), 0)), "");
      EXPECT_EQ(archive.find("m/c"), nullptr);
    }
  }
}

TEST(ZipArchive, ChecksumsAreThoseOfZip) {
  Bytes bytes;
  eigenformer_tests::append_text(bytes, "123456789");
  EXPECT_EQ(format::crc32(bytes), 0xCBF43926U);  // the check value of this polynomial
  ZipBuilder zip;
  zip.member({.name = "a", .bytes = bytes, .break_checksum = true});
  EXPECT_EQ(use_error(zip.build()),
            "format.zip_checksum: m.zip, member a: expected the checksum 3421780263, found 3421780262; download the "
            "file again: it is damaged");
  zip.checksums = false;
  EXPECT_EQ(use_error(zip.build()), "no error");
}

TEST(ZipArchive, EveryPrefixIsAnError) {
  for (const bool is_64 : {false, true}) {
    ZipBuilder zip = two_members();
    zip.is_64 = is_64;
    const Bytes whole = zip.build();
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::string error = zip_error({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
      ASSERT_EQ(error,
                directory_error(length < 22 ? "a file of " + std::to_string(length) + " bytes" : "no end record"))
          << length;
    }
  }
}

TEST(ZipArchive, DirectoriesThatLie) {
  ZipBuilder zip = two_members();
  const std::size_t directory_bytes = 2 * (46 + 3);
  zip.count_more = 1;
  EXPECT_EQ(zip_error(zip.build()), directory_error("2 members of 3 in the directory's 98 bytes"));
  zip = two_members();
  zip.directory_offset_more = 1;
  EXPECT_EQ(zip_error(zip.build()), directory_error("98 bytes of directory from byte 82 on"));
  zip.directory_offset_more = ~std::uint32_t{0};
  EXPECT_EQ(zip_error(zip.build()), directory_error("an entry that does not begin as one"));
  zip = two_members();
  zip.directory_bytes_more = static_cast<std::uint32_t>(-directory_bytes);
  EXPECT_EQ(zip_error(zip.build()), directory_error("0 members of 2 in the directory's 0 bytes"));
  zip.directory_bytes_more = static_cast<std::uint32_t>(-1);
  EXPECT_EQ(zip_error(zip.build()), directory_error("2 members of 2 in the directory's 97 bytes"));
  zip.directory_bytes_more = 1U << 31U;
  EXPECT_EQ(zip_error(zip.build()), directory_error("2147483746 bytes of directory from byte 81 on"));
}

TEST(ZipArchive, SixtyFourBitEndsThatLie) {
  ZipBuilder zip = two_members();
  zip.is_64 = true;
  zip.end64_offset_more = std::uint64_t{1} << 62U;
  EXPECT_EQ(zip_error(zip.build()), directory_error("a 64-bit end outside the file"));
  zip.end64_offset_more = ~std::uint64_t{0};
  EXPECT_EQ(zip_error(zip.build()), directory_error("no 64-bit end where one is announced"));
  zip.end64_offset_more = 0;
  zip.directory_bytes_more = 7;
  EXPECT_EQ(zip_error(zip.build()), directory_error("105 bytes of directory from byte 81 on"));
}

TEST(ZipArchive, MembersThatLie) {
  ZipBuilder zip = two_members();
  zip.member({.name = "m/a", .bytes = {}});
  EXPECT_EQ(zip_error(zip.build()),
            "format.zip_member_twice: m.zip: expected each member once, found two of the name \"m/a\"; download the "
            "file again: it is damaged or was made to do harm");
  zip = two_members();
  zip.member({.name = "m/c", .bytes = {}, .header_offset = 43});  // the header of m/b
  EXPECT_EQ(zip_error(zip.build()).substr(0, 17), "format.zip_member");
  zip = two_members();
  zip.member({.name = "m/c", .bytes = {}, .header_offset = 1U << 30U});
  EXPECT_EQ(zip_error(zip.build()), member_error("m/c",
                                                 "0 bytes behind a header at byte 1073741824, which end after "
                                                 "byte 119"));
  for (const std::uint32_t bytes : {1000U, 0xFFFFFFFFU}) {  // a bomb: more than the file has
    ZipBuilder bomb;
    bomb.member({.name = "m/a", .bytes = Bytes(7), .unpacked_bytes = bytes, .packed_bytes = bytes});
    EXPECT_EQ(zip_error(bomb.build()),
              member_error("m/a", std::to_string(bytes) + " bytes behind a header at byte 0, which end after byte 45"));
  }
  ZipBuilder renamed;
  renamed.member({.name = "m/a", .bytes = Bytes(7), .local_name = "m/x"});
  EXPECT_EQ(zip_error(renamed.build()), "no error");
  EXPECT_EQ(use_error(renamed.build()), member_error("m/a", "another header at byte 0"));
  ZipBuilder padded;  // fits without the padding before its bytes, and not with it
  padded.member({.name = "m/a", .bytes = Bytes(7), .unpacked_bytes = 9, .packed_bytes = 9});
  EXPECT_EQ(zip_error(padded.build()), "no error");
  EXPECT_EQ(use_error(padded.build()), member_error("m/a", "9 bytes from byte 38 on, which end after byte 45"));
}

TEST(ZipArchive, WhatIsNotStoredIsRefused) {
  const auto refusal = [](const std::string& found) {
    return "format.zip_compressed: m.zip, member m/a: expected members that are stored as they are, as torch.save "
           "writes them, found " +
           found + "; load the file in PyTorch and save it again with torch.save, or repack it with zip -0";
  };
  ZipBuilder deflated, encrypted, bomb;
  deflated.member({.name = "m/a", .bytes = Bytes(7), .method = 8, .unpacked_bytes = 9});
  EXPECT_EQ(use_error(deflated.build()), refusal("a compressed one"));
  encrypted.member({.name = "m/a", .bytes = Bytes(7), .flags = 1});
  EXPECT_EQ(use_error(encrypted.build()), refusal("an encrypted one"));
  bomb.member({.name = "m/a", .bytes = Bytes(7), .unpacked_bytes = 0xFFFFFFF0});
  EXPECT_EQ(use_error(bomb.build()), refusal("a compressed one"));
}

TEST(ZipArchive, SmallMembersHaveALimit) {
  const format::ZipArchive archive(source_of(two_members().build(), "m.zip"));
  EXPECT_EQ(error_of([&] { archive.read(*archive.find("m/a"), 4); }),
            "format.file_too_large: m.zip, member m/a: expected a member of at most 4 bytes, found 5 bytes; check that "
            "this is the file you meant");
}

}  // namespace
