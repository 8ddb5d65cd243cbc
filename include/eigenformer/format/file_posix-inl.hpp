// How a file is opened and read where there is POSIX.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "eigenformer/format/file.hpp"
#include "eigenformer/format/file_errors.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace file_detail {

inline std::string reason_of_errno() { return std::generic_category().message(errno); }

}  // namespace file_detail

struct File::Handle {
  int descriptor;
};

// Opened without blocking, so that a pipe in the file's place is an error and not a wait.
EIGENFORMER_INLINE File::File(const std::filesystem::path& path) : name_(path_text(path)) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) file_detail::cannot_open(name_, file_detail::reason_of_errno());
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
    if (got < 0) file_detail::cannot_read(name_, offset, file_detail::reason_of_errno());
    if (got == 0) file_detail::cannot_read(name_, offset, "the end of the file");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
