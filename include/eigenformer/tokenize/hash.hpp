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

inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed ^ text.size();
  std::uint64_t eight = 0;
  while (text.size() > sizeof eight) {
    std::memcpy(&eight, text.data(), sizeof eight);
    hash = mix(hash ^ eight);
    text.remove_prefix(sizeof eight);
  }
  eight = 0;
  if (!text.empty()) std::memcpy(&eight, text.data(), text.size());
  return mix(hash ^ eight);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
