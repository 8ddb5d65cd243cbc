#pragma once

#include <algorithm>
#include <bit>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace vocabulary_detail {

inline constexpr std::size_t k_longest_token_bytes = std::size_t{64} << 10U;

/// One more than the highest id that a vocabulary of so many tokens may have: memory is taken for every id up to it.
inline std::size_t id_limit(std::size_t count) {
  constexpr std::size_t k_holes = 1024;
  return 2 * count + k_holes;
}

[[noreturn]] inline void wrong_id(std::int64_t id, std::size_t count, const std::string& token,
                                  const std::string& where) {
  throw TokenizerError(
      {.id = "tokenizer.vocabulary_id",
       .expected = "ids from 0 to " + std::to_string(id_limit(count) - 1) + " for " + std::to_string(count) + " tokens",
       .found = std::to_string(id) + " for the token " + token,
       .where = where,
       .remedy = "download the file again, or rebuild the vocabulary"});
}

/// Places of tokens are kept in 32 bits.
inline void check_size(std::string_view text, const std::string& where) {
  constexpr std::size_t k_most_bytes = std::size_t{1} << 31U;
  if (text.size() <= k_most_bytes) return;
  throw TokenizerError({.id = "tokenizer.vocabulary_size",
                        .expected = "tokens of at most " + std::to_string(k_most_bytes) + " bytes together",
                        .found = std::to_string(text.size()),
                        .where = where,
                        .remedy = "check that this is the file you meant"});
}

inline void check_text(std::string_view token, const std::string& where) {
  if (token.size() > k_longest_token_bytes) {
    throw TokenizerError({.id = "tokenizer.token_too_long",
                          .expected = "tokens of at most " + std::to_string(k_longest_token_bytes) + " bytes",
                          .found = "one of " + std::to_string(token.size()),
                          .where = where,
                          .remedy = "check that this is the file you meant"});
  }
  if (find_ill_formed(token, 0) != token.size()) {
    throw TokenizerError({.id = "tokenizer.token_text",
                          .expected = "tokens in UTF-8",
                          .found = format::in_quotes(token),
                          .where = where,
                          .remedy = "download the file again"});
  }
}

}  // namespace vocabulary_detail

EIGENFORMER_INLINE void TokenList::reserve(std::size_t count) {
  texts.reserve(count);
  ids.reserve(count);
}

EIGENFORMER_INLINE void TokenList::add(std::string_view token, std::int64_t id) {
  texts.push_back(token);
  ids.push_back(id);
  watch.step();
}

EIGENFORMER_INLINE Vocabulary::Vocabulary(TokenList list, const std::string& where) {
  const format::LoadWatch watch = list.watch;
  place(std::move(list), where);
  seed_ = seed_from_address(text_.data());
  index(watch, where);
}

EIGENFORMER_INLINE void Vocabulary::place(TokenList list, const std::string& where) {
  const std::size_t count = list.size();
  if (count == 0) {
    throw TokenizerError({.id = "tokenizer.vocabulary_empty",
                          .expected = "a vocabulary with tokens",
                          .found = "none",
                          .where = where,
                          .remedy = "download the file again"});
  }
  vocabulary_detail::check_size(list.texts.text(), where);
  count_ = count;
  places_.reserve(count);
  for (std::size_t k = 0; k < count; ++k) {
    list.watch.step();
    const std::string_view token = list.texts[k];
    if (list.ids[k] < 0 || list.ids[k] >= static_cast<std::int64_t>(vocabulary_detail::id_limit(count))) {
      vocabulary_detail::wrong_id(list.ids[k], count, format::in_quotes(token), where);
    }
    vocabulary_detail::check_text(token, where);
    const auto id = static_cast<std::size_t>(list.ids[k]);
    if (id >= places_.size()) places_.resize(id + 1);
    if (places_[id].begin != k_no_token) {
      const Place other = places_[id];
      throw TokenizerError({.id = "tokenizer.duplicate_id",
                            .expected = "one token for each id",
                            .found = format::in_quotes(list.texts.text().substr(other.begin, other.size)) + " and " +
                                     format::in_quotes(token) + " for id " + std::to_string(id),
                            .where = where,
                            .remedy = "download the file again, or rebuild the vocabulary"});
    }
    places_[id] = {static_cast<std::uint32_t>(token.data() - list.texts.text().data()),
                   static_cast<std::uint32_t>(token.size())};
    longest_ = std::max(longest_, token.size());
  }
  text_ = std::move(list.texts).take_text();
}

EIGENFORMER_INLINE void Vocabulary::index(format::LoadWatch watch, const std::string& where) {
  slots_.assign(std::bit_ceil(2 * count()), {});
  for (std::size_t k = 0; k < size(); ++k) {
    watch.step();
    const auto id = static_cast<TokenId>(k);
    if (!has(id)) continue;
    const std::string_view token = this->token(id);
    const std::uint64_t hashed = hash_text(token, seed_);
    std::size_t slot = hashed & (slots_.size() - 1);
    const auto tag = static_cast<std::uint32_t>(hashed >> 32U);
    for (; slots_[slot].id >= 0; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot].hash != tag || this->token(slots_[slot].id) != token) continue;
      throw TokenizerError({.id = "tokenizer.duplicate_token",
                            .expected = "each token once",
                            .found = format::in_quotes(token) + " for the ids " + std::to_string(slots_[slot].id) +
                                     " and " + std::to_string(id),
                            .where = where,
                            .remedy = "download the file again, or rebuild the vocabulary"});
    }
    slots_[slot] = {tag, id};
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
