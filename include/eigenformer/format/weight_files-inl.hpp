#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/device_name.hpp"
#include "eigenformer/format/file.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/format/torch_file.hpp"
#include "eigenformer/format/weight_files.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace weight_files_detail {

inline constexpr std::uint64_t k_largest_index_bytes = std::uint64_t{16} << 20U;

/// A format of weights, and what its files are called.
struct Format {
  const char* name;
  const char* single;
  const char* index;
  const char* index_error;
  std::shared_ptr<const TensorFile> (*open)(std::shared_ptr<const ByteSource>);
};

inline constexpr Format k_formats[] = {
    {"safetensors", "model.safetensors", "model.safetensors.index.json", "format.safetensors_index", open_safetensors},
    {"PyTorch", "pytorch_model.bin", "pytorch_model.bin.index.json", "format.torch_index", open_torch},
};

/// Several files as one directory.
class ShardedFile final : public TensorFile {
 public:
  ShardedFile(std::string where, std::vector<std::shared_ptr<const TensorFile>> shards)
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

/// A name without any way out of its folder: no separators, no drive, not "." or "..", no device of Windows.
inline bool is_plain_file_name(std::string_view name) {
  if (name.empty() || name.size() > 255 || name.front() == '.' || is_device_name(name)) return false;
  return std::none_of(name.begin(), name.end(), [](char character) {
    return character == '/' || character == '\\' || character == ':' || static_cast<unsigned char>(character) < 0x20;
  });
}

[[noreturn]] inline void bad_index(const Format& format, const std::string& where, const std::string& found) {
  throw FormatError(
      {.id = format.index_error,
       .expected = "a weight_map from tensors to plain file names in this folder, each holding its tensors",
       .found = found,
       .where = where,
       .remedy = "download the folder again"});
}

inline std::shared_ptr<const TensorFile> open_index(const std::filesystem::path& index, const Format& format) {
  const std::string where = path_text(index);
  const auto source = file_source(index);
  const nlohmann::json json =
      parse_json(read_text(*source, k_largest_index_bytes), where, {.bytes = k_largest_index_bytes});
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (map == json.end() || !map->is_object() || map->empty()) bad_index(format, where, "no weight_map");

  std::unordered_map<std::string, std::size_t> shard_numbers;
  std::vector<std::shared_ptr<const TensorFile>> shards;
  for (const auto& [tensor, file] : map->items()) {
    if (!file.is_string() || !is_plain_file_name(file.get_ref<const std::string&>())) {
      bad_index(format, where, "another value for tensor " + in_quotes(tensor));
    }
    const auto& name = file.get_ref<const std::string&>();
    if (!shard_numbers.emplace(name, shards.size()).second) continue;
    shards.push_back(
        format.open(file_source(index.parent_path() / std::filesystem::path(std::u8string(name.begin(), name.end())))));
  }
  auto file = std::make_shared<ShardedFile>(path_text(index.parent_path()), std::move(shards));
  for (const auto& [tensor, name] : map->items()) {
    if (file->shard_of(tensor) == shard_numbers.at(name.get_ref<const std::string&>())) continue;
    bad_index(format, where, "no tensor " + in_quotes(tensor) + " in " + in_quotes(name.get_ref<const std::string&>()));
  }
  return file;
}

}  // namespace weight_files_detail

EIGENFORMER_INLINE WeightFiles open_weight_folder(const std::filesystem::path& folder) {
  std::error_code code;
  for (const auto& format : weight_files_detail::k_formats) {
    if (std::filesystem::exists(folder / format.single, code)) {
      return {format.open(file_source(folder / format.single)), format.name};
    }
    if (std::filesystem::exists(folder / format.index, code)) {
      return {weight_files_detail::open_index(folder / format.index, format), format.name};
    }
  }
  throw SystemError({.id = "system.no_weights",
                     .expected = "model.safetensors, model.safetensors.index.json, pytorch_model.bin or "
                                 "pytorch_model.bin.index.json",
                     .found = "none of them",
                     .where = path_text(folder),
                     .remedy = "give the folder of a Hugging Face model with its weights, or a .gguf file"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
