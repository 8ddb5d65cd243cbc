// A locale that differs from C by its decimal mark alone, made on the spot: tests need none of the system's.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace eigenformer_tests {

/// Sets the locale of the process while it lives. Only glibc reads the file it makes; `is_set` says whether it did.
class MadeLocale {
 public:
  explicit MadeLocale(const std::string& decimal_mark) : before_(std::setlocale(LC_NUMERIC, nullptr)) {
    const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("locale_") + test.test_suite_name() + "_" + test.name());
    std::filesystem::create_directories(folder_ / "made");
    std::ofstream(folder_ / "made" / "LC_NUMERIC", std::ios::binary) << file_of(decimal_mark);
#if defined(__GLIBC__)
    setenv("LOCPATH", folder_.c_str(), 1);
    is_set_ = std::setlocale(LC_NUMERIC, "made") != nullptr && decimal_mark == std::localeconv()->decimal_point;
    unsetenv("LOCPATH");
#endif
  }
  ~MadeLocale() {
    std::setlocale(LC_NUMERIC, before_.c_str());
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  MadeLocale(const MadeLocale&) = delete;
  MadeLocale& operator=(const MadeLocale&) = delete;

  bool is_set() const { return is_set_; }

 private:
  /// A magic number, how many values, where each begins, the values: decimal mark, mark of thousands, grouping, both
  /// marks as code points, name of the encoding.
  /// https://sourceware.org/git/?p=glibc.git;a=blob;f=locale/localeinfo.h;hb=glibc-2.36
  static std::string file_of(const std::string& decimal_mark) {
    constexpr std::uint32_t k_magic = 0x20031115U ^ 1U;
    const std::array<std::string, 6> values = {decimal_mark + '\0',
                                               std::string(1, '\0'),
                                               std::string("\x7F\0", 2),
                                               word(static_cast<unsigned char>(decimal_mark[0])),
                                               word(0),
                                               std::string("UTF-8\0", 6)};
    std::string head = word(k_magic) + word(static_cast<std::uint32_t>(values.size()));
    std::string data;
    for (const std::string& value : values) {
      while (data.size() % 4 != 0) data.push_back('\0');
      head += word(static_cast<std::uint32_t>(8 + 4 * values.size() + data.size()));
      data += value;
    }
    return head + data;
  }
  static std::string word(std::uint32_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

  std::string before_;
  std::filesystem::path folder_;
  bool is_set_ = false;
};

}  // namespace eigenformer_tests
