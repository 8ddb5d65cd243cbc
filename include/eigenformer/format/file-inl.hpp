#pragma once

#include <fstream>
#include <system_error>

#include "eigenformer/error.hpp"
#include "eigenformer/format/file.hpp"
#if defined(_WIN32)
#include "eigenformer/format/file_windows-inl.hpp"
#else
#include "eigenformer/format/file_posix-inl.hpp"
#endif

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE std::string path_text(const std::filesystem::path& path) {
  const std::u8string text = path.generic_u8string();
  return {text.begin(), text.end()};
}

EIGENFORMER_INLINE std::filesystem::path path_of_text(std::string_view text) {
  return {std::u8string(text.begin(), text.end())};
}

EIGENFORMER_INLINE void write_file(const std::filesystem::path& path,
                                   const std::vector<std::span<const std::byte>>& pieces) {
  const auto fail = [&](const std::string& reason) {
    throw SystemError({.id = "system.file_write",
                       .expected = "to write this file",
                       .found = reason,
                       .where = path_text(path),
                       .remedy = "check the folder, its permissions and the space on the disk"});
  };
  std::filesystem::path temporary = path;
  temporary += ".part";
  std::error_code code;
  {
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    for (const auto piece : pieces) {
      stream.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    }
    stream.close();
    if (!stream) {
      std::filesystem::remove(temporary, code);
      fail("a folder or disk that does not take it");
    }
  }
  std::filesystem::rename(temporary, path, code);
  if (!code) return;
  const std::string reason = code.message();
  std::filesystem::remove(temporary, code);
  fail(reason);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
