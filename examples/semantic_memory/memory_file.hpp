// How a memory lies in a file. Numbers are little-endian.
//
//     8 bytes   "EFMEMORY"
//     4         version, 1
//     4         dimension d of the vectors
//     8         number n of sentences
//     8         fingerprint of the model
//     4 n d     vectors, f32
//     n times   4 bytes: length of a sentence; the sentence, UTF-8
//     8         checksum of all before it
#pragma once

#include <cstdint>
#include <filesystem>

#include "memory.hpp"

/// FNV-1a over 64 bits. http://www.isthe.com/chongo/tech/comp/fnv/
class Checksum {
 public:
  void add(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001B3U; }
  void add(std::uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8) add(static_cast<std::uint8_t>(number >> shift));
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

/// Into a file beside it first, which then takes its place: a memory is never half written. Throws
/// eigenformer::SystemError.
void write_memory(const std::filesystem::path& path, const MemoryContents& contents);

/// Whatever the file holds, this gives a whole memory or throws one eigenformer::Error: every length is held against
/// the bytes that are there before anything is made of it.
MemoryContents read_memory(const std::filesystem::path& path);
