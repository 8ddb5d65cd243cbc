#include "eigenformer/format/byte_source.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#if !defined(_WIN32)
#include <sys/stat.h>
#endif

#include "eigenformer/format/file.hpp"
#include "tests/format/builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer_tests::Bytes;
using eigenformer_tests::error_of;
namespace format = eigenformer::format;
namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("eigenformer_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  fs::path folder_;
};

TEST_F(Files, AreReadFromAnyPlace) {
  const auto source = format::file_source(write("a.bin", "0123456789"));
  EXPECT_EQ(source->size(), 10U);
  Bytes out(3);
  source->read(7, out);
  EXPECT_EQ(out, (Bytes{std::byte{'7'}, std::byte{'8'}, std::byte{'9'}}));
  source->read(10, std::span<std::byte>());
  EXPECT_EQ(error_of([&] { source->read(8, out); }),
            "format.truncated: " + source->name() +
                ", byte 8: expected 3 more bytes, found 2; download the file again: it is cut short or damaged");
  EXPECT_EQ(format::read_text(*source, 10), "0123456789");
  EXPECT_EQ(error_of([&] { format::read_text(*source, 9); }),
            "format.file_too_large: " + source->name() +
                ": expected a file of at most 9 bytes, found 10 bytes; check that this is the file you meant");
}

TEST_F(Files, ThatAreNotThereAreErrors) {
  const fs::path path = folder_ / "none.bin";
  EXPECT_EQ(
      error_of([&] { format::file_source(path); }),
      "system.file_open: " + path.generic_string() +
          ": expected a file that can be opened for reading, found No such file or directory; check the path and its "
          "permissions");
}

TEST_F(Files, FoldersPipesAndDevicesAreErrors) {
  const std::string text = ": expected a regular file, found a folder, pipe or device; give the path of a file";
  EXPECT_EQ(error_of([&] { format::file_source(folder_); }),
            "system.not_a_regular_file: " + folder_.generic_string() + text);
#if defined(_WIN32)
  for (const char* device : {"NUL", "nul.txt"}) {
    EXPECT_EQ(error_of([&] { format::file_source(device); }),
              "system.not_a_regular_file: " + std::string(device) + text);
  }
#else
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { format::file_source(pipe); }), "system.not_a_regular_file: " + pipe.generic_string() + text);
  EXPECT_EQ(error_of([&] { format::file_source("/dev/zero"); }), "system.not_a_regular_file: /dev/zero" + text);
#endif
}

TEST_F(Files, ThatShrinkWhileInUseAreErrors) {
  const auto source = format::file_source(write("a.bin", "0123456789"));
  fs::resize_file(folder_ / "a.bin", 4);
  Bytes out(10);
  EXPECT_EQ(error_of([&] { source->read(0, out); }),
            "system.file_read: " + source->name() +
                ", byte 4: expected to read as many bytes as the file had when it was opened, found the end of the "
                "file; leave "
                "the file unchanged while it is being loaded, and check the disk");
}

TEST_F(Files, SymbolicLinksAreFollowed) {
  write("blob", "abc");
  std::error_code refused;
  fs::create_symlink("blob", folder_ / "model.bin", refused);
  if (refused) GTEST_SKIP() << "this system makes no symbolic links";
  EXPECT_EQ(format::read_text(*format::file_source(folder_ / "model.bin"), 10), "abc");
}

TEST_F(Files, AreWrittenWholeOrNotAtAll) {
  const fs::path path = folder_ / "out.bin";
  const Bytes bytes = {std::byte{'a'}, std::byte{'b'}};
  format::write_file(path, {bytes, bytes});
  EXPECT_EQ(format::read_text(*format::file_source(path), 10), "abab");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
  const fs::path nowhere = folder_ / "none" / "out.bin";
  EXPECT_EQ(error_of([&] { format::write_file(nowhere, {bytes}); }),
            "system.file_write: " + nowhere.generic_string() +
                ": expected to write this file, found a folder or disk that does not take it; check the folder, its "
                "permissions and the space on the disk");
}

TEST(MemorySource, IsBoundedToo) {
  const auto source = eigenformer_tests::source_of(Bytes(4), "given");
  Bytes out(5);
  EXPECT_EQ(
      error_of([&] { source->read(0, out); }),
      "format.truncated: given, byte 0: expected 5 more bytes, found 4; download the file again: it is cut short or "
      "damaged");
  EXPECT_EQ(error_of([&] { source->read(~std::uint64_t{0}, out); }),
            "format.truncated: given, byte 18446744073709551615: expected 5 more bytes, found 0; download the file "
            "again: it is "
            "cut short or damaged");
}

}  // namespace
