#pragma once

#include <cstring>
#include <utility>

#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace utf8_detail {

/// What may follow a lead byte: how many bytes, and the range of the first of them.
struct Lead {
  std::uint8_t continuations = 0;
  unsigned char second_low = 0x80, second_high = 0xBF;
};

inline Lead lead_of(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {};
}

}  // namespace utf8_detail

EIGENFORMER_INLINE Utf8Sequence utf8_sequence_at(std::string_view bytes, std::size_t position) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(bytes[position + k]); };
  if (byte(0) < 0x80) return {};
  const utf8_detail::Lead lead = utf8_detail::lead_of(byte(0));
  if (lead.continuations == 0) return {.well_formed = false};
  for (std::uint8_t k = 1; k <= lead.continuations; ++k) {
    if (position + k == bytes.size()) return {.bytes = k, .well_formed = false, .cut_off = true};
    const unsigned char low = k == 1 ? lead.second_low : 0x80;
    const unsigned char high = k == 1 ? lead.second_high : 0xBF;
    if (byte(k) < low || byte(k) > high) return {.bytes = k, .well_formed = false};
  }
  return {.bytes = static_cast<std::uint8_t>(lead.continuations + 1)};
}

EIGENFORMER_INLINE std::size_t find_ill_formed(std::string_view bytes, std::size_t position) {
  while (position < bytes.size()) {
    std::uint64_t eight = 0;
    if (bytes.size() - position >= sizeof eight) {
      std::memcpy(&eight, bytes.data() + position, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        position += sizeof eight;
        continue;
      }
    }
    const Utf8Sequence sequence = utf8_sequence_at(bytes, position);
    if (!sequence.well_formed) return position;
    position += sequence.bytes;
  }
  return bytes.size();
}

EIGENFORMER_INLINE std::string Utf8Stream::push(std::string_view bytes) {
  std::string input = std::exchange(pending_, {});
  input.append(bytes);
  std::string text;
  for (std::size_t position = 0; position < input.size();) {
    const std::size_t ill_formed = find_ill_formed(input, position);
    text.append(input, position, ill_formed - position);
    if (ill_formed == input.size()) break;
    const Utf8Sequence sequence = utf8_sequence_at(input, ill_formed);
    if (sequence.cut_off) {
      pending_ = input.substr(ill_formed);
      break;
    }
    text += k_replacement;
    position = ill_formed + sequence.bytes;
  }
  return text;
}

EIGENFORMER_INLINE std::string Utf8Stream::finish() {
  const bool unfinished = !std::exchange(pending_, {}).empty();
  return std::string(unfinished ? k_replacement : std::string_view());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
