// Hashes for tables whose keys come from files: seeded, so that a file cannot be made to collide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The finalizer of MurmurHash3: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
inline std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 33U) * 0xFF51AFD7ED558CCDU;
  value = (value ^ value >> 33U) * 0xC4CEB9FE1A85EC53U;
  return value ^ value >> 33U;
}

/// Different in every process, where addresses are; the order of a table's slots decides no result.
inline std::uint64_t seed_from_address(const void* address) {
  return mix(static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address)) + 0x9E3779B97F4A7C15U);
}

template <class Number>
Number load_number(const char* bytes) {
  Number number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

/// The last eight bytes of a text, or all of a shorter one, in loads of fixed sizes that may overlap: copying a number
/// of bytes that is not known beforehand costs a call.
inline std::uint64_t last_bytes(std::string_view text) {
  const char* begin = text.data();
  const std::size_t size = text.size();
  if (size >= 8) return load_number<std::uint64_t>(begin + size - 8);
  if (size >= 4) {
    return load_number<std::uint32_t>(begin) | std::uint64_t{load_number<std::uint32_t>(begin + size - 4)} << 32U;
  }
  if (size == 0) return 0;
  const auto byte = [&](std::size_t k) { return std::uint64_t{static_cast<unsigned char>(begin[k])}; };
  return byte(0) | byte(size / 2) << 8U | byte(size - 1) << 16U;
}

inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed ^ text.size();
  for (; text.size() > 8; text.remove_prefix(8)) hash = mix(hash ^ load_number<std::uint64_t>(text.data()));
  return mix(hash ^ last_bytes(text));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
