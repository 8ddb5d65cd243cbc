// Base64 as https://www.rfc-editor.org/rfc/rfc4648#section-4 has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The bytes of a text that is padded; nothing where it is no base64.
inline std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view k_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = k_digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    if (++count % 4 == 0) {
      for (unsigned shift = 24; shift > 0; shift -= 8) bytes.push_back(static_cast<char>(bits >> (shift - 8) & 0xFFU));
      bits = 0;
    }
  }
  if (padding == 1) {
    bytes.push_back(static_cast<char>(bits >> 10U & 0xFFU));
    bytes.push_back(static_cast<char>(bits >> 2U & 0xFFU));
    if ((bits & 0x3U) != 0) return std::nullopt;
  } else if (padding == 2) {
    bytes.push_back(static_cast<char>(bits >> 4U & 0xFFU));
    if ((bits & 0xFU) != 0) return std::nullopt;
  }
  return bytes;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
