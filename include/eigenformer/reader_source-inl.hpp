#pragma once

#include <algorithm>
#include <map>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/reader_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::loading {

namespace reader_source_detail {

/// A folder's files up to this size are read when they are opened: configs are asked for by several who read them.
inline constexpr std::uint64_t k_small_file_bytes = std::uint64_t{1} << 20U;

[[noreturn]] inline void refuse_null(std::string expected, std::string where, std::string remedy) {
  throw UsageError({.id = "usage.no_reader",
                    .expected = std::move(expected),
                    .found = "null",
                    .where = std::move(where),
                    .remedy = std::move(remedy)});
}

[[noreturn]] inline void reader_failed(std::string expected, std::string found, std::string where) {
  throw SystemError({.id = "system.reader_failed",
                     .expected = std::move(expected),
                     .found = std::move(found),
                     .where = std::move(where),
                     .remedy = "see to the host's own file"});
}

/// Calls the host's code: exceptions of its own become errors that say where.
template <class Call>
auto ask_host(const std::string& where, Call call) {
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    reader_failed("the host's reader to read", current_error_report().found, where);
  }
}

class ReaderSource final : public format::ByteSource {
 public:
  ReaderSource(std::shared_ptr<const AssetReader> reader, std::string name)
      : reader_(std::move(reader)), name_(std::move(name)), size_(ask_host(name_, [&] { return reader_->size(); })) {}
  std::uint64_t size() const override { return size_; }
  std::string name() const override { return name_; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > size_ || out.size() > size_ - offset) {
      format::throw_truncated(*this, {offset, out.size(), size_ - std::min(offset, size_)});
    }
    if (out.empty()) return;
    const std::string where = name_ + ", byte " + std::to_string(offset);
    if (ask_host(where, [&] { return reader_->read(offset, out); })) return;
    reader_failed(std::to_string(out.size()) + " bytes from the host's reader", "that it cannot read them", where);
  }

 private:
  std::shared_ptr<const AssetReader> reader_;
  std::string name_;
  std::uint64_t size_;
};

class ReaderFiles final : public format::FileStore {
 public:
  explicit ReaderFiles(std::shared_ptr<const AssetFolder> folder) : folder_(std::move(folder)) {}
  bool has(const std::string& path) const override { return find(path) != nullptr; }
  std::shared_ptr<const format::ByteSource> open(const std::string& path) const override {
    if (auto file = find(path)) return file;
    throw SystemError({.id = "system.file_open",
                       .expected = "a file that the host's folder has",
                       .found = "that it has none of this name",
                       .where = where(path),
                       .remedy = "put the file into the host's archive, or name the folder that has it"});
  }
  std::string where(const std::string& path) const override {
    const std::string name = folder_->name();
    return path.empty() ? name : name + "/" + path;
  }

 private:
  std::shared_ptr<const format::ByteSource> find(const std::string& path) const {
    const auto known = files_.find(path);
    return known != files_.end() ? known->second : files_[path] = ask(path);
  }
  std::shared_ptr<const format::ByteSource> ask(const std::string& path) const {
    const std::string name = where(path);
    std::shared_ptr<const AssetReader> reader = ask_host(name, [&] { return folder_->open(path); });
    if (!reader) return nullptr;
    auto file = std::make_shared<const ReaderSource>(std::move(reader), name);
    if (file->size() > k_small_file_bytes) return file;
    auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(file->size()));
    file->read(0, *bytes);
    return format::memory_source(std::move(bytes), name);
  }

  std::shared_ptr<const AssetFolder> folder_;
  mutable std::map<std::string, std::shared_ptr<const format::ByteSource>> files_;  ///< null: there is none
};

}  // namespace reader_source_detail

EIGENFORMER_INLINE std::shared_ptr<const format::ByteSource> reader_source(std::shared_ptr<const AssetReader> reader) {
  using namespace reader_source_detail;
  if (!reader) refuse_null("a reader of a .gguf file", "gguf", "pass an object of a class derived from AssetReader");
  std::string name = reader->name();
  return std::make_shared<ReaderSource>(std::move(reader), std::move(name));
}

EIGENFORMER_INLINE format::Folder reader_folder(std::shared_ptr<const AssetFolder> folder) {
  using namespace reader_source_detail;
  if (!folder) refuse_null("a folder of readers", "folder", "pass an object of a class derived from AssetFolder");
  return format::Folder(std::make_shared<ReaderFiles>(std::move(folder)));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::loading
