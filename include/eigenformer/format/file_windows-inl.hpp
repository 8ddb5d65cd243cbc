// How a file is opened and read on Windows.
#pragma once

#include <algorithm>
#include <system_error>

#include "eigenformer/core/windows_calls.hpp"
#include "eigenformer/format/file.hpp"
#include "eigenformer/format/file_errors.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace file_detail {

/// What the last call failed of. In the words of the C library where it has a number for it: those of Windows are in
/// its user's language and code page.
inline std::string reason_of_windows() {
  const auto code = static_cast<int>(::GetLastError());
  const std::error_condition condition = std::system_category().default_error_condition(code);
  if (condition.category() == std::generic_category()) return condition.message();
  return "error " + std::to_string(code) + " of Windows";
}

}  // namespace file_detail

struct File::Handle {
  explicit Handle(HANDLE opened) : file(opened) {}
  ~Handle() { ::CloseHandle(file); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  HANDLE file;
};

// Folders are opened too, to be told from what is not there. Others may replace or delete the file meanwhile, as POSIX
// has it.
EIGENFORMER_INLINE File::File(const std::filesystem::path& path) : name_(path_text(path)) {
  const HANDLE file = ::CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                    nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (file == INVALID_HANDLE_VALUE) file_detail::cannot_open(name_, file_detail::reason_of_windows());
  try {
    handle_ = std::make_unique<Handle>(file);
  } catch (...) {
    ::CloseHandle(file);
    throw;
  }
  BY_HANDLE_FILE_INFORMATION status = {};
  LARGE_INTEGER size = {};
  // Pipes, consoles and devices (NUL, COM1, and NUL.txt, which is the same) are of another type.
  if (::GetFileType(file) != FILE_TYPE_DISK || ::GetFileInformationByHandle(file, &status) == 0 ||
      (status.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 || ::GetFileSizeEx(file, &size) == 0) {
    file_detail::not_regular(name_);
  }
  size_ = static_cast<std::uint64_t>(size.QuadPart);
}

EIGENFORMER_INLINE File::~File() = default;

EIGENFORMER_INLINE void File::read(std::uint64_t offset, std::span<std::byte> out) const {
  constexpr std::size_t longest_read = std::size_t{1} << 30U;  // a call counts in 32 bits
  while (!out.empty()) {
    OVERLAPPED place = {};  // the handle's own place belongs to all threads
    place.Offset = static_cast<DWORD>(offset);
    place.OffsetHigh = static_cast<DWORD>(offset >> 32U);
    DWORD got = 0;
    const auto wanted = static_cast<DWORD>(std::min(out.size(), longest_read));
    const bool is_read = ::ReadFile(handle_->file, out.data(), wanted, &got, &place) != 0;
    if (!is_read && ::GetLastError() != ERROR_HANDLE_EOF) {
      file_detail::cannot_read(name_, offset, file_detail::reason_of_windows());
    }
    if (got == 0) file_detail::cannot_read(name_, offset, "the end of the file");
    offset += got;
    out = out.subspan(got);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
