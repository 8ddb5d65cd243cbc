#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/reader_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::loading {

namespace reader_source_detail {

class ReaderSource final : public format::ByteSource {
 public:
  explicit ReaderSource(std::shared_ptr<const AssetReader> reader)
      : reader_(std::move(reader)), size_(reader_->size()) {}
  std::uint64_t size() const override { return size_; }
  std::string name() const override { return reader_->name(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > size_ || out.size() > size_ - offset) {
      format::throw_truncated(*this, {offset, out.size(), size_ - std::min(offset, size_)});
    }
    if (out.empty() || reader_->read(offset, out)) return;
    throw SystemError({.id = "system.reader_failed",
                       .expected = std::to_string(out.size()) + " bytes from the host's reader",
                       .found = "that it cannot read them",
                       .where = name() + ", byte " + std::to_string(offset),
                       .remedy = "see to the host's own file"});
  }

 private:
  std::shared_ptr<const AssetReader> reader_;
  std::uint64_t size_;
};

}  // namespace reader_source_detail

EIGENFORMER_INLINE std::shared_ptr<const format::ByteSource> reader_source(std::shared_ptr<const AssetReader> reader) {
  if (!reader) {
    throw UsageError({.id = "usage.no_reader",
                      .expected = "a reader of a .gguf file",
                      .found = "null",
                      .where = "gguf",
                      .remedy = "pass an object of a class derived from AssetReader"});
  }
  return std::make_shared<reader_source_detail::ReaderSource>(std::move(reader));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::loading
