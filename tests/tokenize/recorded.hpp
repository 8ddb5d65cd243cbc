// The recordings that tests/tokenize/recipe.py makes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/tokenizer.hpp"

namespace eigenformer_tests {

inline const std::filesystem::path k_tokenize_data = EIGENFORMER_SOURCE_DIR "/tests/tokenize/data";

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline nlohmann::json recorded(const std::string& name) {
  return nlohmann::json::parse(file_text(k_tokenize_data / (name + ".expected.json")));
}

inline std::string from_hexadecimal(const std::string& digits) {
  std::string bytes;
  for (std::size_t k = 0; k < digits.size(); k += 2) {
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(k, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::vector<std::string> hard_texts() {
  std::vector<std::string> texts;
  for (const auto& text : nlohmann::json::parse(file_text(k_tokenize_data / "texts.json"))) {
    texts.push_back(text.is_string() ? text.get<std::string>() : from_hexadecimal(text.at("hex")));
  }
  return texts;
}

/// The rules of long_runs in tests/tokenize/hard_texts.py.
inline std::vector<std::pair<std::string, std::string>> long_runs() {
  constexpr int k_length = 26000;
  const auto repeat = [](const std::string& unit, int count) {
    std::string text;
    for (int k = 0; k < count; ++k) text += unit;
    return text;
  };
  std::string letters, ideographs, digits;
  for (int k = 0; k < k_length; ++k) {
    letters.push_back(static_cast<char>('a' + (static_cast<long>(k) * k + 3L * k) % 26));
    const int c = 0x4E00 + (k * 7) % 20000;
    for (const int byte : {0xE0 | c >> 12, 0x80 | (c >> 6 & 0x3F), 0x80 | (c & 0x3F)}) {
      ideographs.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
    }
    digits.push_back(static_cast<char>('0' + k % 10));
  }
  return {{"a", repeat("a", k_length)},
          {"letters", letters},
          {"spaces", repeat(" ", k_length)},
          {"spaces_then_letter", repeat(" ", k_length) + "x"},
          {"newlines", repeat("\n", k_length)},
          {"ideographs", ideographs},
          {"digits", digits},
          {"signs", repeat("!?", k_length / 2)},
          {"marks", "e" + repeat("\xCC\x81", k_length)}};
}

/// FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
class Fnv {
 public:
  explicit Fnv(int bits)
      : bits_(bits),
        hash_(bits == 64 ? 0xCBF29CE484222325U : 0x811C9DC5U),
        prime_(bits == 64 ? 0x100000001B3U : 0x01000193U) {}
  void byte(unsigned char byte) {
    hash_ = (hash_ ^ byte) * prime_;
    if (bits_ == 32) hash_ &= 0xFFFFFFFFU;
  }
  void word(std::uint64_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) byte(static_cast<unsigned char>(value >> shift));
  }
  void text(const std::string& text) {
    for (const char c : text) byte(static_cast<unsigned char>(c));
  }
  std::string digits() const {
    char text[17];
    std::snprintf(text, sizeof text, "%0*llx", bits_ / 4, static_cast<unsigned long long>(hash_));
    return text;
  }

 private:
  int bits_;
  std::uint64_t hash_, prime_;
};

inline void add_decodings(const eigenformer::Tokenizer& tokenizer, const std::vector<eigenformer::TokenId>& ids,
                          Fnv& hash) {
  hash.text(tokenizer.decode(ids));
  hash.byte(0);
  hash.text(tokenizer.decode(ids, {.skip_special_tokens = true}));
}

/// The line that the recipe writes for a text; "-" for offsets that it did not record.
inline std::string line_of(const eigenformer::Tokenizer& tokenizer, const std::string& text,
                           const std::string& recorded_line) {
  const eigenformer::Encoding encoding = tokenizer.encode_with_offsets(text);
  Fnv ids(64), offsets(32), decoded(32);
  for (const eigenformer::TokenId id : encoding.ids) ids.word(static_cast<std::uint32_t>(id));
  for (const eigenformer::ByteSpan& span : encoding.offsets) {
    offsets.word(span.begin);
    offsets.word(span.end);
  }
  add_decodings(tokenizer, encoding.ids, decoded);
  const bool without_offsets = recorded_line.find(" - ") != std::string::npos;
  return ids.digits() + " " + (without_offsets ? "-" : offsets.digits()) + " " + decoded.digits();
}

}  // namespace eigenformer_tests
