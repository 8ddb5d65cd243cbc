// A hash of the bits of floats: equal results, equal hash. FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
#pragma once

#include <bit>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>

namespace eigenformer_tests {

inline std::string bit_hash(std::span<const float> values) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) hash = (hash ^ ((bits >> shift) & 0xFFU)) * 0x100000001B3U;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace eigenformer_tests
