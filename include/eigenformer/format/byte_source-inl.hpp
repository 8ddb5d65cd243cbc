#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE void throw_truncated(const ByteSource& source, const MissingBytes& missing) {
  throw FormatError({.id = "format.truncated",
                     .expected = std::to_string(missing.wanted) + " more bytes",
                     .found = std::to_string(missing.left),
                     .where = source.name() + ", byte " + std::to_string(missing.offset),
                     .remedy = "download the file again: it is cut short or damaged"});
}

namespace byte_source_detail {

inline void check_range(const ByteSource& source, std::uint64_t offset, std::size_t count) {
  if (offset <= source.size() && count <= source.size() - offset) return;
  throw_truncated(source, {.offset = offset, .wanted = count, .left = source.size() - std::min(offset, source.size())});
}

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path) : file_(path) {}
  std::uint64_t size() const override { return file_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(*this, offset, out.size());
    file_.read(offset, out);
  }
  std::string name() const override { return file_.name(); }

 private:
  File file_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::span<const std::byte> bytes, std::shared_ptr<const std::vector<std::byte>> owner, std::string name)
      : bytes_(bytes), owner_(std::move(owner)), name_(std::move(name)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    check_range(*this, offset, out.size());
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  }
  std::string name() const override { return name_; }

 private:
  std::span<const std::byte> bytes_;
  std::shared_ptr<const std::vector<std::byte>> owner_;
  std::string name_;
};

}  // namespace byte_source_detail

EIGENFORMER_INLINE std::shared_ptr<const ByteSource> file_source(const std::filesystem::path& path) {
  return std::make_shared<byte_source_detail::FileSource>(path);
}

EIGENFORMER_INLINE std::shared_ptr<const ByteSource> memory_source(std::span<const std::byte> bytes, std::string name) {
  return std::make_shared<byte_source_detail::MemorySource>(bytes, nullptr, std::move(name));
}

EIGENFORMER_INLINE std::shared_ptr<const ByteSource> memory_source(std::shared_ptr<const std::vector<std::byte>> bytes,
                                                                   std::string name) {
  const std::span<const std::byte> view(*bytes);
  return std::make_shared<byte_source_detail::MemorySource>(view, std::move(bytes), std::move(name));
}

EIGENFORMER_INLINE std::string read_text(const ByteSource& source, std::uint64_t limit_bytes) {
  if (source.size() > limit_bytes) {
    throw FormatError({.id = "format.file_too_large",
                       .expected = "a file of at most " + std::to_string(limit_bytes) + " bytes",
                       .found = std::to_string(source.size()) + " bytes",
                       .where = source.name(),
                       .remedy = "check that this is the file you meant"});
  }
  std::string text(static_cast<std::size_t>(source.size()), '\0');
  source.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
