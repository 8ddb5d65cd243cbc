// Where bytes come from: a file or the host's memory. Parsers see nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Bytes that can be read from any place, from several threads at once. Their number never changes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `out` with the bytes from `offset` on. FormatError "format.truncated" where they do not exist.
  virtual void read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  /// For messages: the path, or the name that the host gave.
  virtual std::string name() const = 0;
};

/// A regular file. Symbolic links are followed. SystemError "system.file_open" where it cannot be opened and
/// "system.not_a_regular_file" for folders, pipes and devices.
std::shared_ptr<const ByteSource> file_source(const std::filesystem::path& path);

/// Bytes that the host keeps alive and unchanged as long as the source, and everything opened from it, is in use.
std::shared_ptr<const ByteSource> memory_source(std::span<const std::byte> bytes, std::string name);

/// Bytes that the source keeps alive itself.
std::shared_ptr<const ByteSource> memory_source(std::shared_ptr<const std::vector<std::byte>> bytes, std::string name);

/// Throws "format.truncated": `wanted` bytes from `offset` on, where the source has but `left`.
struct MissingBytes {
  std::uint64_t offset = 0;
  std::uint64_t wanted = 0;
  std::uint64_t left = 0;
};
[[noreturn]] void throw_truncated(const ByteSource& source, const MissingBytes& missing);

/// The whole source as text. FormatError "format.file_too_large" where it is larger than `limit_bytes`.
std::string read_text(const ByteSource& source, std::uint64_t limit_bytes);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/byte_source-inl.hpp"
#endif
