#pragma once

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/byte_source.hpp"
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

[[noreturn]] inline void bad_index(const Format& format, const std::string& where, const std::string& found) {
  throw FormatError(
      {.id = format.index_error,
       .expected = "a weight_map from tensors to plain file names in this folder, each holding its tensors",
       .found = found,
       .where = where,
       .remedy = "download the folder again"});
}

inline std::shared_ptr<const TensorFile> open_index(const Folder& folder, const Format& format) {
  const std::string where = folder.where(format.index);
  const Json json =
      parse_json(folder.text(format.index, k_largest_index_bytes), where, {.bytes = k_largest_index_bytes});
  const Json* const map = json.find("weight_map");
  if (map == nullptr || !map->is_object() || map->is_empty()) bad_index(format, where, "no weight_map");

  std::unordered_map<std::string, std::size_t> shard_numbers;
  std::vector<std::shared_ptr<const TensorFile>> shards;
  for (const auto& [tensor, file] : map->members()) {
    if (!file.is_text() || !is_plain_file_name(file.text())) {
      bad_index(format, where, "another value for tensor " + in_quotes(tensor));
    }
    const auto& name = file.text();
    if (!shard_numbers.emplace(name, shards.size()).second) continue;
    shards.push_back(format.open(folder.open(name)));
  }
  auto file = std::make_shared<ShardedFile>(folder.where(), std::move(shards));
  for (const auto& [tensor, name] : map->members()) {
    if (file->shard_of(tensor) == shard_numbers.at(name.text())) continue;
    bad_index(format, where, "no tensor " + in_quotes(tensor) + " in " + in_quotes(name.text()));
  }
  return file;
}

}  // namespace weight_files_detail

EIGENFORMER_INLINE WeightFiles open_weight_folder(const Folder& folder) {
  for (const auto& format : weight_files_detail::k_formats) {
    if (folder.has(format.single)) return {format.open(folder.open(format.single)), format.name};
    if (folder.has(format.index)) return {weight_files_detail::open_index(folder, format), format.name};
  }
  throw SystemError({.id = "system.no_weights",
                     .expected = "model.safetensors, model.safetensors.index.json, pytorch_model.bin or "
                                 "pytorch_model.bin.index.json",
                     .found = "none of them",
                     .where = folder.where(),
                     .remedy = "give the folder of a Hugging Face model with its weights, or a .gguf file"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
