#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/format/safetensors_header-inl.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace safetensors_detail {

inline constexpr std::uint64_t k_largest_header_bytes = 100'000'000;

class SafetensorsFile final : public TensorFile {
 public:
  explicit SafetensorsFile(std::shared_ptr<const ByteSource> source);
  const std::vector<TensorEntry>& entries() const override { return entries_; }
  RawTensor read(const TensorEntry& entry) const override { return read_tensor(*source_, entry); }
  std::string where() const override { return source_->name(); }

 private:
  void place(std::uint64_t begin);
  void check_no_gaps(std::uint64_t begin) const;

  std::shared_ptr<const ByteSource> source_;
  std::vector<TensorEntry> entries_;
};

inline SafetensorsFile::SafetensorsFile(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {
  ByteReader reader(*source_);
  const std::uint64_t header_bytes = reader.u64();
  if (header_bytes > std::min(k_largest_header_bytes, reader.remaining())) {
    throw FormatError({.id = "format.safetensors_header_size",
                       .expected = "a header of at most " +
                                   std::to_string(std::min(k_largest_header_bytes, reader.remaining())) + " bytes",
                       .found = std::to_string(header_bytes),
                       .where = source_->name(),
                       .remedy = "download the file again: it is cut short or no safetensors file"});
  }
  const auto bytes = reader.take(header_bytes);
  SafetensorsHeader header(source_->name() + ", header");
  run_json_events({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, header);
  entries_ = header.take();
  place(reader.position());
}

// From offsets in the data to offsets in the file, with everything that makes them safe to use.
inline void SafetensorsFile::place(std::uint64_t begin) {
  const std::uint64_t data_bytes = source_->size() - begin;
  for (TensorEntry& entry : entries_) {
    const std::string where = source_->name() + ", tensor " + printable(entry.name);
    const std::uint64_t needed = tensor_bytes(entry.type, entry.shape, where);
    if (entry.bytes != needed || entry.offset > data_bytes || entry.bytes > data_bytes - entry.offset) {
      throw FormatError(
          {.id = "format.tensor_range",
           .expected = std::to_string(needed) + " bytes of data inside the file for shape " + shape_text(entry.shape),
           .found = std::to_string(entry.bytes) + " bytes from " + std::to_string(entry.offset) + " on, of " +
                    std::to_string(data_bytes),
           .where = where,
           .remedy = "download the file again: it is cut short or damaged"});
    }
    entry.offset += begin;
  }
  check_directory(entries_, source_->name());
  check_no_gaps(begin);
}

// No overlaps and as many bytes as the file has leave no room for a gap.
inline void SafetensorsFile::check_no_gaps(std::uint64_t begin) const {
  std::uint64_t used = begin;
  for (const TensorEntry& entry : entries_) used += entry.bytes;
  if (used == source_->size()) return;
  throw FormatError({.id = "format.safetensors_gap",
                     .expected = "tensors that fill the file",
                     .found = std::to_string(source_->size() - used) + " bytes that belong to none",
                     .where = source_->name(),
                     .remedy = "download the file again: it is damaged"});
}

}  // namespace safetensors_detail

EIGENFORMER_INLINE std::shared_ptr<const TensorFile> open_safetensors(std::shared_ptr<const ByteSource> source) {
  return std::make_shared<safetensors_detail::SafetensorsFile>(std::move(source));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
