#pragma once

#include <algorithm>
#include <system_error>
#include <utility>

#include "eigenformer/format/device_name.hpp"
#include "eigenformer/format/file.hpp"
#include "eigenformer/format/folder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace folder_detail {

class Directory final : public FileStore {
 public:
  explicit Directory(std::filesystem::path root) : root_(std::move(root)) {}
  bool has(const std::string& path) const override {
    std::error_code unreadable;
    return std::filesystem::exists(place_of(path), unreadable);
  }
  std::shared_ptr<const ByteSource> open(const std::string& path) const override { return file_source(place_of(path)); }
  std::string where(const std::string& path) const override { return path_text(place_of(path)); }

 private:
  std::filesystem::path place_of(const std::string& path) const {
    return path.empty() ? root_ : root_ / std::filesystem::path(std::u8string(path.begin(), path.end()));
  }
  std::filesystem::path root_;
};

}  // namespace folder_detail

EIGENFORMER_INLINE Folder::Folder(const std::filesystem::path& directory)
    : store_(std::make_shared<folder_detail::Directory>(directory)) {}

EIGENFORMER_INLINE Folder::Folder(std::shared_ptr<const FileStore> store, std::string path)
    : store_(std::move(store)), path_(std::move(path)) {}

EIGENFORMER_INLINE std::string Folder::path_of(const std::string& name) const {
  if (path_.empty() || name.empty()) return path_ + name;
  return path_ + "/" + name;
}

EIGENFORMER_INLINE bool Folder::has(const std::string& name) const { return store_->has(path_of(name)); }

EIGENFORMER_INLINE std::shared_ptr<const ByteSource> Folder::open(const std::string& name) const {
  return store_->open(path_of(name));
}

EIGENFORMER_INLINE std::string Folder::text(const std::string& name, std::uint64_t limit_bytes) const {
  return read_text(*open(name), limit_bytes);
}

EIGENFORMER_INLINE Folder Folder::below(const std::string& name) const { return Folder(store_, path_of(name)); }
EIGENFORMER_INLINE std::string Folder::where() const { return store_->where(path_); }
EIGENFORMER_INLINE std::string Folder::where(const std::string& name) const { return store_->where(path_of(name)); }

EIGENFORMER_INLINE bool is_plain_file_name(std::string_view name) {
  if (name.empty() || name.size() > 255 || name.front() == '.' || is_device_name(name)) return false;
  return std::none_of(name.begin(), name.end(), [](char character) {
    return character == '/' || character == '\\' || character == ':' || static_cast<unsigned char>(character) < 0x20;
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
