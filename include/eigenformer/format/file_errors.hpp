// How a file of the system's disappoints, in words that are the same on every system.
#pragma once

#include <cstdint>
#include <string>

#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format::file_detail {

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

}  // namespace eigenformer::inline EIGENFORMER_ABI::format::file_detail
