// Copies of models that a test may change.
#pragma once

#include <filesystem>

namespace eigenformer_tests {

/// Copies a file, or all that is in a folder, into a folder that is there. (std::filesystem::copy would, but libstdc++
/// 12 takes any two files of Windows for the same.)
inline void copy_into(const std::filesystem::path& from, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  if (!std::filesystem::is_directory(from)) {
    std::filesystem::remove(folder / from.filename());
    std::filesystem::copy_file(from, folder / from.filename());
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    copy_into(entry.path(), entry.is_directory() ? folder / entry.path().filename() : folder);
  }
}

}  // namespace eigenformer_tests
