// A model's folder: files by name, whether they lie in a directory or in an archive of the host's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Where a folder's files lie. Paths are relative, with '/' between their parts ("1_Pooling/config.json"); the empty
/// one is the folder itself. One thread at a time; what is opened may be read from several.
class FileStore {
 public:
  virtual ~FileStore() = default;
  virtual bool has(const std::string& path) const = 0;
  /// SystemError "system.file_open" where it is not there.
  virtual std::shared_ptr<const ByteSource> open(const std::string& path) const = 0;
  /// What messages call it.
  virtual std::string where(const std::string& path) const = 0;
};

/// A folder of a store. Cheap to copy; its names are those of files in it.
class Folder {
 public:
  /// A directory of the file system.
  Folder(const std::filesystem::path& directory);  // implicit: a path is a folder
  explicit Folder(std::shared_ptr<const FileStore> store, std::string path = "");

  bool has(const std::string& name) const;
  /// SystemError "system.file_open" where it is not there.
  std::shared_ptr<const ByteSource> open(const std::string& name) const;
  /// The whole file as text. FormatError "format.file_too_large" where it is larger than `limit_bytes`.
  std::string text(const std::string& name, std::uint64_t limit_bytes) const;
  /// The folder below, "1_Pooling"; of the empty name, the same.
  Folder below(const std::string& name) const;

  /// For messages: the folder, and a file in it.
  std::string where() const;
  std::string where(const std::string& name) const;

 private:
  std::string path_of(const std::string& name) const;
  std::shared_ptr<const FileStore> store_;
  std::string path_;
};

/// Whether a name that a file gives has no way out of its folder: no separators, no drive, not "." or "..", no device
/// of Windows.
bool is_plain_file_name(std::string_view name);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/folder-inl.hpp"
#endif
