#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/file.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/format/safetensors_header-inl.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace safetensors_detail {

inline constexpr std::uint64_t k_largest_header_bytes = 100'000'000;
inline constexpr std::uint64_t k_largest_index_bytes = std::uint64_t{16} << 20U;

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

/// Several safetensors files as one directory.
class ShardedSafetensors final : public TensorFile {
 public:
  ShardedSafetensors(std::string where, std::vector<std::shared_ptr<const TensorFile>> shards)
      : where_(std::move(where)), shards_(std::move(shards)) {
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
      for (const TensorEntry& entry : shards_[shard]->entries()) {
        entries_.push_back(entry);
        if (shard_of_.emplace(entry.name, shard).second) continue;
        throw FormatError({.id = "format.tensor_in_two_files",
                           .expected = "each tensor in one of the files",
                           .found = in_quotes(entry.name) + " in two",
                           .where = where_,
                           .remedy = "download the folder again"});
      }
    }
  }
  const std::vector<TensorEntry>& entries() const override { return entries_; }
  RawTensor read(const TensorEntry& entry) const override { return shards_[shard_of_.at(entry.name)]->read(entry); }
  std::string where() const override { return where_; }
  /// The shard that holds a tensor; the number of shards where none does.
  std::size_t shard_of(const std::string& name) const {
    const auto found = shard_of_.find(name);
    return found == shard_of_.end() ? shards_.size() : found->second;
  }

 private:
  std::string where_;
  std::vector<std::shared_ptr<const TensorFile>> shards_;
  std::vector<TensorEntry> entries_;
  std::unordered_map<std::string, std::size_t> shard_of_;
};

/// A name without any way out of its folder: no separators, no drive, not "." or "..".
inline bool is_plain_file_name(std::string_view name) {
  if (name.empty() || name.size() > 255 || name.front() == '.') return false;
  return std::none_of(name.begin(), name.end(), [](char character) {
    return character == '/' || character == '\\' || character == ':' || static_cast<unsigned char>(character) < 0x20;
  });
}

[[noreturn]] inline void bad_index(const std::string& where, const std::string& found) {
  throw FormatError(
      {.id = "format.safetensors_index",
       .expected = "a weight_map from tensors to plain file names in this folder, each holding its tensors",
       .found = found,
       .where = where,
       .remedy = "download the folder again"});
}

inline std::shared_ptr<const TensorFile> open_index(const std::filesystem::path& index) {
  const std::string where = path_text(index);
  const auto source = file_source(index);
  const nlohmann::json json =
      parse_json(read_text(*source, k_largest_index_bytes), where, {.bytes = k_largest_index_bytes});
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (map == json.end() || !map->is_object() || map->empty()) bad_index(where, "no weight_map");

  std::unordered_map<std::string, std::size_t> shard_numbers;
  std::vector<std::shared_ptr<const TensorFile>> shards;
  for (const auto& [tensor, file] : map->items()) {
    if (!file.is_string() || !is_plain_file_name(file.get_ref<const std::string&>())) {
      bad_index(where, "another value for tensor " + in_quotes(tensor));
    }
    const auto& name = file.get_ref<const std::string&>();
    if (!shard_numbers.emplace(name, shards.size()).second) continue;
    shards.push_back(open_safetensors(
        file_source(index.parent_path() / std::filesystem::path(std::u8string(name.begin(), name.end())))));
  }
  auto file = std::make_shared<ShardedSafetensors>(path_text(index.parent_path()), std::move(shards));
  for (const auto& [tensor, name] : map->items()) {
    if (file->shard_of(tensor) == shard_numbers.at(name.get_ref<const std::string&>())) continue;
    bad_index(where, "no tensor " + in_quotes(tensor) + " in " + in_quotes(name.get_ref<const std::string&>()));
  }
  return file;
}

}  // namespace safetensors_detail

EIGENFORMER_INLINE std::shared_ptr<const TensorFile> open_safetensors(std::shared_ptr<const ByteSource> source) {
  return std::make_shared<safetensors_detail::SafetensorsFile>(std::move(source));
}

EIGENFORMER_INLINE std::shared_ptr<const TensorFile> open_safetensors_folder(const std::filesystem::path& folder) {
  std::error_code code;
  const auto single = folder / "model.safetensors";
  if (std::filesystem::exists(single, code)) return open_safetensors(file_source(single));
  const auto index = folder / "model.safetensors.index.json";
  if (std::filesystem::exists(index, code)) return safetensors_detail::open_index(index);
  throw SystemError({.id = "system.no_weights",
                     .expected = "model.safetensors or model.safetensors.index.json",
                     .found = "neither",
                     .where = path_text(folder),
                     .remedy = "give the folder of a Hugging Face model with safetensors weights, or a .gguf file"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
