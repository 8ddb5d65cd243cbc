#pragma once

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <mutex>
#include <system_error>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/file.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace file_detail {

[[noreturn]] inline void cannot_open(const std::string& name, const std::string& reason) {
  throw SystemError({.id = "system.file_open",
                     .expected = "a file that can be opened for reading",
                     .found = reason,
                     .where = name,
                     .remedy = "check the path and its permissions"});
}

[[noreturn]] inline void not_regular(const std::string& name) {
  throw SystemError({.id = "system.not_a_regular_file",
                     .expected = "a regular file",
                     .found = "a folder, pipe or device",
                     .where = name,
                     .remedy = "give the path of a file"});
}

[[noreturn]] inline void cannot_read(const std::string& name, std::uint64_t offset, const std::string& reason) {
  throw SystemError({.id = "system.file_read",
                     .expected = "to read as many bytes as the file had when it was opened",
                     .found = reason,
                     .where = name + ", byte " + std::to_string(offset),
                     .remedy = "leave the file unchanged while it is being loaded, and check the disk"});
}

inline std::string reason_of(int code) { return std::generic_category().message(code); }

}  // namespace file_detail

EIGENFORMER_INLINE std::string path_text(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

#if defined(__unix__) || defined(__APPLE__)

struct File::Handle {
  int descriptor;
};

// Opened without blocking, so that a pipe in the file's place is an error and not a wait.
EIGENFORMER_INLINE File::File(const std::filesystem::path& path) : name_(path_text(path)) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) file_detail::cannot_open(name_, file_detail::reason_of(errno));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    file_detail::not_regular(name_);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  try {
    handle_ = std::make_unique<Handle>(Handle{descriptor});
  } catch (...) {
    ::close(descriptor);
    throw;
  }
}

EIGENFORMER_INLINE File::~File() {
  if (handle_) ::close(handle_->descriptor);
}

EIGENFORMER_INLINE void File::read(std::uint64_t offset, std::span<std::byte> out) const {
  constexpr std::size_t longest_read = std::size_t{1} << 30U;  // one call moves less than 2 GiB on some systems
  while (!out.empty()) {
    const auto got =
        ::pread(handle_->descriptor, out.data(), std::min(out.size(), longest_read), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) file_detail::cannot_read(name_, offset, file_detail::reason_of(errno));
    if (got == 0) file_detail::cannot_read(name_, offset, "the end of the file");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

#else

struct File::Handle {
  std::ifstream stream;
  std::mutex mutex;
};

EIGENFORMER_INLINE File::File(const std::filesystem::path& path) : name_(path_text(path)) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (code || status.type() == std::filesystem::file_type::not_found) file_detail::cannot_open(name_, "no such file");
  if (status.type() != std::filesystem::file_type::regular) file_detail::not_regular(name_);
  handle_ = std::make_unique<Handle>();
  handle_->stream.open(path, std::ios::binary);
  size_ = std::filesystem::file_size(path, code);
  if (!handle_->stream || code) file_detail::cannot_open(name_, "a file that is refused to this program");
}

EIGENFORMER_INLINE File::~File() = default;

EIGENFORMER_INLINE void File::read(std::uint64_t offset, std::span<std::byte> out) const {
  const std::lock_guard lock(handle_->mutex);
  handle_->stream.clear();
  handle_->stream.seekg(static_cast<std::streamoff>(offset));
  handle_->stream.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  if (!handle_->stream) file_detail::cannot_read(name_, offset, "the end of the file");
}

#endif

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
