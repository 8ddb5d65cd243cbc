// Tokens by id and ids by token: one buffer of text and one table of hashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/prefetch.hpp"
#include "eigenformer/core/text_list.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenize/hash.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Tokens as a file lists them, before anything is checked.
struct TokenList {
  TextList texts = {};
  std::vector<std::int64_t> ids = {};  ///< one a text
  format::LoadWatch watch = {};        ///< asked while it is made, and while it becomes a Vocabulary

  std::size_t size() const { return ids.size(); }
  void reserve(std::size_t count);
  void add(std::string_view token, std::int64_t id);
};

/// Every token has one id, and every id at most one token: a few ids may have none.
class Vocabulary {
 public:
  Vocabulary() = default;
  /// TokenizerError "tokenizer.vocabulary_empty", "tokenizer.vocabulary_size" (more text than any vocabulary has),
  /// "tokenizer.vocabulary_id" (an id below 0, or far above the number of tokens), "tokenizer.duplicate_id",
  /// "tokenizer.duplicate_token", "tokenizer.token_too_long" or "tokenizer.token_text".
  Vocabulary(TokenList list, const std::string& where);

  /// One more than the highest id.
  std::size_t size() const { return places_.size(); }
  std::size_t count() const { return count_; }
  /// `id` is from 0 to size() - 1.
  bool has(TokenId id) const { return places_[static_cast<std::size_t>(id)].begin != k_no_token; }
  std::optional<TokenId> find(std::string_view token) const {
    if (slots_.empty() || token.size() > longest_) return std::nullopt;
    const std::uint64_t hashed = hash_text(token, seed_);
    const auto tag = static_cast<std::uint32_t>(hashed >> 32U);
    for (std::size_t k = hashed & (slots_.size() - 1); slots_[k].id >= 0; k = (k + 1) & (slots_.size() - 1)) {
      if (slots_[k].hash == tag && this->token(slots_[k].id) == token) return slots_[k].id;
    }
    return std::nullopt;
  }
  /// Asks memory for what `find` will read first: for those who look up many tokens, some of them ahead.
  void prefetch_slot(std::string_view token) const {
    if (!slots_.empty()) prefetch(&slots_[hash_text(token, seed_) & (slots_.size() - 1)]);
  }
  /// `id` is from 0 to size() - 1; empty where that has no token.
  std::string_view token(TokenId id) const {
    const Place place = places_[static_cast<std::size_t>(id)];
    return place.begin == k_no_token ? std::string_view() : std::string_view(text_.data() + place.begin, place.size);
  }
  std::size_t longest_token() const { return longest_; }

 private:
  static constexpr std::uint32_t k_no_token = 0xFFFFFFFFU;
  struct Place {
    std::uint32_t begin = k_no_token;  ///< of the token in text_
    std::uint32_t size = 0;
  };
  struct Slot {
    std::uint32_t hash = 0;
    TokenId id = -1;  ///< -1: free
  };
  void place(TokenList list, const std::string& where);
  void index(format::LoadWatch watch, const std::string& where);

  std::string text_;
  std::vector<Place> places_;  ///< by id
  std::vector<Slot> slots_;    ///< a power of two, at most half full
  std::uint64_t seed_ = 0;
  std::size_t count_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/vocabulary-inl.hpp"
#endif
