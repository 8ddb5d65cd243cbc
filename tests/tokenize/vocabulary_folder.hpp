// A folder that a test fills with the files of a tokenizer.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenizer.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer_tests {

/// A folder of a test's own.
class VocabularyFolder {
 public:
  VocabularyFolder()
      : path_(std::filesystem::path(testing::TempDir()) /
              (std::string("tokenizer_") + testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~VocabularyFolder() { std::filesystem::remove_all(path_); }
  void write(const char* name, const std::string& text) const { std::ofstream(path_ / name, std::ios::binary) << text; }
  const std::filesystem::path& path() const { return path_; }
  eigenformer::Tokenizer load() const { return eigenformer::tokenize::load_tokenizer_folder(path_); }
  /// The error of loading, without the folder's path.
  std::string error() const {
    std::string text = error_of([&] { load(); });
    for (std::size_t k = text.find(path_.generic_string()); k != std::string::npos;
         k = text.find(path_.generic_string())) {
      const bool file =
          text.size() > k + path_.generic_string().size() && text[k + path_.generic_string().size()] == '/';
      text.replace(k, path_.generic_string().size() + (file ? 1 : 0), file ? "" : "folder");
    }
    return text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace eigenformer_tests
