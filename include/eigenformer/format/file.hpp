// The one place of format/ that talks to the operating system (file_posix-inl.hpp, file_windows-inl.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// A regular file, open for reading. SystemError "system.file_open" and "system.not_a_regular_file".
class File {
 public:
  explicit File(const std::filesystem::path& path);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// Its size when it was opened.
  std::uint64_t size() const { return size_; }
  /// Fills `out` from `offset` on; from several threads at once. SystemError "system.file_read" where the bytes are not
  /// there (a file that became shorter) or the system reports a failure.
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  const std::string& name() const { return name_; }

 private:
  struct Handle;
  std::string name_;
  std::unique_ptr<Handle> handle_;
  std::uint64_t size_ = 0;
};

/// Writes the pieces one after another into a temporary file beside `path`, which then takes its name. SystemError
/// "system.file_write".
void write_file(const std::filesystem::path& path, const std::vector<std::span<const std::byte>>& pieces);

/// The path as UTF-8 with "/" between its parts on every system, for messages.
std::string path_text(const std::filesystem::path& path);

/// The path that a UTF-8 text is, on every system.
std::filesystem::path path_of_text(std::string_view text);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/file-inl.hpp"
#endif
