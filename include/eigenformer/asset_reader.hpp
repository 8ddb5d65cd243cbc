// A model out of the host's own files: packed into an archive, encrypted, or behind a file system of its own. A light
// header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A file that the host reads: a .gguf file, or one of an AssetFolder. A .gguf file is asked for its header first, then
/// for one tensor after another, and not any more when the model is loaded.
class AssetReader {
 public:
  virtual ~AssetReader() = default;
  /// Bytes of the file. Always the same.
  virtual std::uint64_t size() const = 0;
  /// Fills `out` with the bytes from `offset` on, which lie within size(). From several threads at once. False where it
  /// cannot: the load fails with SystemError "system.reader_failed". So it does with what is thrown here, but for
  /// errors of the library and std::bad_alloc, which stay what they are.
  virtual bool read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  /// What messages and ModelInfo::source call it; not asked for the files of an AssetFolder.
  virtual std::string name() const = 0;
};

/// A Hugging Face folder whose files the host reads: config.json, tokenizer and weights, under the names that they have
/// on the hub. Asked by the one thread that loads (load_async: a thread of its own), and not any more when the model is
/// loaded.
class AssetFolder {
 public:
  virtual ~AssetFolder() = default;
  /// The file of that name: "config.json", and of models of sentence-transformers "1_Pooling/config.json" as well. Null
  /// where there is none, which is no error: of most models a dozen names are asked for in vain. No name is asked for
  /// twice in a load, and no part of one is ever "." or "..". Files of up to 1 MiB are read whole, at once; weights
  /// tensor by tensor, in the order of the model. What is thrown here is as what AssetReader::read throws.
  virtual std::shared_ptr<const AssetReader> open(const std::string& name) const = 0;
  /// What messages call it. A file in it is "<name>/config.json" there.
  virtual std::string name() const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
