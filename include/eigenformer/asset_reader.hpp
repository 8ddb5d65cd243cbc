// A model out of the host's own files: packed into an archive, encrypted, or behind a file system of its own. A light
// header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A .gguf file that the host reads. It is asked for the header first, then for one tensor after another, and not any
/// more when the model is loaded.
class AssetReader {
 public:
  virtual ~AssetReader() = default;
  /// Bytes of the file. Always the same.
  virtual std::uint64_t size() const = 0;
  /// Fills `out` with the bytes from `offset` on, which lie within size(). From several threads at once. False where it
  /// cannot: the load fails with SystemError "system.reader_failed". What it throws, the load throws.
  virtual bool read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  /// What messages and ModelInfo::source call it.
  virtual std::string name() const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
