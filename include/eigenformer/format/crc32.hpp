// The checksum of zip archives: polynomial 0xEDB88320, bits reflected. https://www.rfc-editor.org/rfc/rfc1952#section-8
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace crc32_detail {

/// What each value of a byte does to a checksum.
constexpr std::array<std::uint32_t, 256> table() {
  std::array<std::uint32_t, 256> remainders{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? 0xEDB88320U : 0U);
    remainders[byte] = remainder;
  }
  return remainders;
}

inline constexpr std::array<std::uint32_t, 256> k_table = table();

}  // namespace crc32_detail

inline std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t sum = ~std::uint32_t{0};
  for (const std::byte byte : bytes) {
    sum = (sum >> 8U) ^ crc32_detail::k_table[(sum ^ static_cast<std::uint32_t>(byte)) & 0xFFU];
  }
  return ~sum;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
