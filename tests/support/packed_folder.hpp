// A directory as a host's archive would have it: its files lie encrypted in memory and are read by way of a reader.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "eigenformer/asset_reader.hpp"

namespace eigenformer_tests {

/// What happens to those who read, over all files of a folder.
struct PackedReads {
  std::atomic<std::size_t> count{0};
  std::size_t readable = std::size_t{0} - 1;  ///< reads before they fail
  std::function<void()> on_read;
};

class PackedFile final : public eigenformer::AssetReader {
 public:
  PackedFile(const std::filesystem::path& path, std::shared_ptr<PackedReads> reads) : reads_(std::move(reads)) {
    std::ifstream file(path, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    for (std::size_t index = 0; index < bytes_.size(); ++index) bytes_[index] = encrypted(bytes_[index], index);
  }
  std::uint64_t size() const override { return bytes_.size(); }
  bool read(std::uint64_t offset, std::span<std::byte> out) const override {
    EXPECT_LE(offset + out.size(), size());
    if (reads_->on_read) reads_->on_read();
    if (reads_->count++ >= reads_->readable) return false;
    for (std::size_t index = 0; index < out.size(); ++index) {
      out[index] = static_cast<std::byte>(encrypted(bytes_[offset + index], offset + index));
    }
    return true;
  }
  std::string name() const override { return "of nobody's interest"; }

 private:
  static char encrypted(char byte, std::uint64_t index) {
    return static_cast<char>(static_cast<unsigned char>(byte) ^ static_cast<unsigned char>(index * 37 + 11));
  }
  std::string bytes_;
  std::shared_ptr<PackedReads> reads_;
};

class PackedFolder final : public eigenformer::AssetFolder {
 public:
  explicit PackedFolder(std::filesystem::path root) : root_(std::move(root)) {}
  std::shared_ptr<const eigenformer::AssetReader> open(const std::string& name) const override {
    ++asked[name];
    if (name == absent || !std::filesystem::is_regular_file(root_ / name)) return nullptr;
    return std::make_shared<PackedFile>(root_ / name, reads);
  }
  std::string name() const override { return "world.pack"; }

  std::string absent;  ///< a file that is left out
  std::shared_ptr<PackedReads> reads = std::make_shared<PackedReads>();
  mutable std::map<std::string, std::size_t> asked;  ///< how often each name was

 private:
  std::filesystem::path root_;
};

}  // namespace eigenformer_tests
