#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/models/bpe_alphabet.hpp"
#include "eigenformer/tokenize/models/byte_tokens.hpp"
#include "eigenformer/tokenize/models/unknown_token.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// An unknown token that is not in the list yet: another one may become part of it.
struct BpeAlphabet::Pending {
  bool there = false;
  BpeStart start;
};

EIGENFORMER_INLINE BpeAlphabet::BpeAlphabet(const Vocabulary& vocabulary, BpeAlphabetOptions options,
                                            const std::string& where)
    : options_(std::move(options)) {
  index(vocabulary);
  for (Position position = 0; position < k_positions; ++position) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      bytes_[position][byte] = characters_[position].find(k_character_of_byte[byte]);
    }
  }
  has_every_byte_ = options_.continuing_prefix.empty() && options_.end_suffix.empty() &&
                    std::find(bytes_[0].begin(), bytes_[0].end(), CharacterTable::k_none) == bytes_[0].end();
  fallback_ = find_byte_tokens([&](std::string_view token) { return vocabulary.find(token); });
  if (options_.unknown_token.empty()) return;
  unknown_ = vocabulary.find(options_.unknown_token);
  need_unknown(unknown_, options_.unknown_token, where);
}

EIGENFORMER_INLINE void BpeAlphabet::index(const Vocabulary& vocabulary) {
  for (std::size_t k = 0; k < vocabulary.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    for (Position position = 0; position < k_positions; ++position) {
      if ((position & 1U) != 0 && options_.continuing_prefix.empty()) continue;
      if ((position & 2U) != 0 && options_.end_suffix.empty()) continue;
      const std::string_view prefix = (position & 1U) != 0 ? options_.continuing_prefix : std::string_view();
      const std::string_view suffix = (position & 2U) != 0 ? options_.end_suffix : std::string_view();
      std::string_view token = vocabulary.token(id);
      if (token.size() <= prefix.size() + suffix.size()) continue;
      if (!token.starts_with(prefix) || !token.ends_with(suffix)) continue;
      token = token.substr(prefix.size(), token.size() - prefix.size() - suffix.size());
      if (is_continuation(token.front())) continue;
      const Character character = character_at(token, 0);
      if (character.bytes == token.size()) characters_[position].insert(character.code_point, id);
    }
  }
}

EIGENFORMER_INLINE std::string BpeAlphabet::affixed(std::string_view character, Position position) const {
  std::string text = (position & 1U) != 0 ? options_.continuing_prefix : std::string();
  text += character;
  if ((position & 2U) != 0) text += options_.end_suffix;
  return text;
}

/// As the reference has it, an unknown token waits for the next one that is known, or for the end.
EIGENFORMER_INLINE void BpeAlphabet::put(TokenId id, BpeStart place, Pending& pending,
                                         std::vector<BpeStart>& out) const {
  if (id != CharacterTable::k_none) {
    if (std::exchange(pending.there, false)) out.push_back(pending.start);
    out.push_back({id, place.begin, place.end});
  } else if (unknown_) {
    if (pending.there && options_.fuse_unknown) {
      pending.start.end = place.end;
      return;
    }
    if (std::exchange(pending.there, true)) out.push_back(pending.start);
    pending.start = {*unknown_, place.begin, place.end};
  }
}

EIGENFORMER_INLINE bool BpeAlphabet::put_fallback(std::string_view character, Position position, BpeStart place,
                                                  std::vector<BpeStart>& out) const {
  const std::string text = affixed(character, position);
  for (const char byte : text) {
    if (fallback_[static_cast<unsigned char>(byte)] == CharacterTable::k_none) return false;
  }
  for (std::size_t k = 0; k < text.size(); ++k) {
    const auto begin = static_cast<std::uint32_t>(std::min<std::size_t>(place.begin + k, place.end - 1));
    out.push_back({fallback_[static_cast<unsigned char>(text[k])], begin, begin + 1});
  }
  return true;
}

EIGENFORMER_INLINE bool BpeAlphabet::keeps_order() const {
  return !options_.byte_fallback ||
         std::find(fallback_.begin(), fallback_.end(), CharacterTable::k_none) == fallback_.end();
}

EIGENFORMER_INLINE void BpeAlphabet::split_characters(std::string_view piece, std::vector<BpeStart>& out) const {
  Pending pending;
  for (std::uint32_t begin = 0; begin < piece.size();) {
    const Character character = character_at(piece, begin);
    const std::uint32_t end = begin + character.bytes;
    const Position here = position(begin, end, piece.size());
    const TokenId id = characters_[here].find(character.code_point);
    const bool fell_back = id == CharacterTable::k_none && options_.byte_fallback &&
                           put_fallback(piece.substr(begin, character.bytes), here, {0, begin, end}, out);
    if (!fell_back) put(id, {0, begin, end}, pending, out);
    begin = end;
  }
  if (pending.there) out.push_back(pending.start);
}

EIGENFORMER_INLINE void BpeAlphabet::split_bytes(std::string_view piece, std::vector<BpeStart>& out) const {
  Pending pending;
  for (std::uint32_t begin = 0; begin < piece.size(); ++begin) {
    const Position here = position(begin, begin + 1, piece.size());
    put(bytes_[here][static_cast<unsigned char>(piece[begin])], {0, begin, begin + 1}, pending, out);
  }
  if (pending.there) out.push_back(pending.start);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
