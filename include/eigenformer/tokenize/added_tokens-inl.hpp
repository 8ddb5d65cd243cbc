#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/added_tokens.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/models/trie_nodes.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace added_tokens_detail {

/// So that looking for tokens stays linear in the text, whatever the tokens are.
inline constexpr std::size_t k_longest_content_bytes = 1024;
inline constexpr std::size_t k_most_nodes = std::size_t{1} << 20U;
inline constexpr std::size_t k_most_bytes = std::size_t{4} << 20U;  // of all of them

inline void check_bytes(std::size_t bytes, const std::string& where) {
  if (bytes <= k_most_bytes) return;
  throw TokenizerError({.id = "tokenizer.vocabulary_size",
                        .expected = "added tokens of at most " + std::to_string(k_most_bytes) + " bytes together",
                        .found = "more",
                        .where = where,
                        .remedy = "check that this is the file you meant"});
}

inline bool is_white_space(std::string_view text) {
  for (std::size_t k = 0; k < text.size();) {
    const Character character = character_at(text, k);
    if (!is_space(character.code_point)) return false;
    k += character.bytes;
  }
  return true;
}

/// The begin of the white space that ends at `end`, not before `limit`.
inline std::size_t space_begin(std::string_view text, std::size_t end, std::size_t limit) {
  while (end > limit) {
    const std::size_t previous = previous_character(text, end);
    if (!is_space(character_at(text, previous).code_point)) break;
    end = previous;
  }
  return end;
}

inline std::size_t space_end(std::string_view text, std::size_t begin) {
  while (begin < text.size()) {
    const Character character = character_at(text, begin);
    if (!is_space(character.code_point)) break;
    begin += character.bytes;
  }
  return begin;
}

}  // namespace added_tokens_detail

EIGENFORMER_INLINE std::uint32_t TokenTrie::child(std::uint32_t node, char byte) const {
  if (node == 0) return roots_[static_cast<unsigned char>(byte)];
  std::uint32_t next = nodes_[node].first_child;
  while (next != k_none && nodes_[next].byte != byte) next = nodes_[next].next_sibling;
  return next;
}

EIGENFORMER_INLINE void TokenTrie::insert(std::string_view text, std::size_t value) {
  std::uint32_t node = 0;
  for (const char byte : text) {
    std::uint32_t next = child(node, byte);
    if (next == k_none) {
      next = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({.next_sibling = nodes_[node].first_child, .byte = byte});
      nodes_[node].first_child = next;
      if (node == 0) roots_[static_cast<unsigned char>(byte)] = next;
    }
    node = next;
  }
  nodes_[node].value = static_cast<std::uint32_t>(value);
}

template <class Accepts>
std::optional<TokenTrie::Match> TokenTrie::longest(std::string_view text, std::size_t begin, Accepts accepts) const {
  std::optional<Match> found;
  std::uint32_t node = 0;
  for (std::size_t k = begin; k < text.size(); ++k) {
    node = child(node, text[k]);
    if (node == k_none) break;
    const std::uint32_t value = nodes_[node].value;
    if (value != k_none && accepts(value, k + 1)) found = Match{k + 1, value};
  }
  return found;
}

EIGENFORMER_INLINE TokenId AddedTokens::add(const AddedToken& token, const Model& model, const Normalizer* normalizer,
                                            const std::string& where) {
  if (token.content.empty() || token.content.size() > added_tokens_detail::k_longest_content_bytes) {
    throw TokenizerError(
        {.id = "tokenizer.added_token_text",
         .expected = "added tokens of 1 to " + std::to_string(added_tokens_detail::k_longest_content_bytes) + " bytes",
         .found = "one of " + std::to_string(token.content.size()),
         .where = where,
         .remedy = "remove it from the file"});
  }
  content_bytes_ += token.content.size();
  added_tokens_detail::check_bytes(content_bytes_, where);
  std::optional<TokenId> id = find(token.content);
  if (!id) id = model.find(token.content);
  if (!id) id = static_cast<TokenId>(std::max(model.token_count(), end_id()));
  Entry entry{.token = token, .form = token.content};
  if (token.normalized && normalizer != nullptr) {
    AlignedText text(token.content, 0);
    normalizer->normalize(text);
    entry.form = std::string(text.text());
  }
  entry.white_space = !token.special && added_tokens_detail::is_white_space(entry.form);
  entries_[*id] = std::move(entry);
  Content& content = contents_[token.content];
  content = {*id, content.is_special || token.special};
  return *id;
}

EIGENFORMER_INLINE void AddedTokens::finish(const std::string& where) {
  for (const auto& [id, entry] : entries_) {
    TokenTrie& trie = entry.token.normalized ? normalized_ : given_;
    if (!entry.form.empty()) trie.insert(entry.form, static_cast<std::size_t>(id));
    check_trie_nodes(trie.size(), added_tokens_detail::k_most_nodes, where);
  }
  for (const auto& [content, meaning] : contents_) {
    if (!meaning.is_special) continue;
    special_sizes_.push_back(content.size());
    special_ends_.set(static_cast<unsigned char>(content.back()));
  }
  std::sort(special_sizes_.begin(), special_sizes_.end(), std::greater<>());
  special_sizes_.erase(std::unique(special_sizes_.begin(), special_sizes_.end()), special_sizes_.end());
}

/// A token is taken away when its last byte comes, so that what stood around it may become one, too.
EIGENFORMER_INLINE std::string AddedTokens::without_special(std::string_view text) const {
  std::string rest;
  rest.reserve(text.size());
  for (const char byte : text) {
    rest += byte;
    if (!special_ends_.test(static_cast<unsigned char>(byte))) continue;
    for (const std::size_t size : special_sizes_) {
      if (size > rest.size() || !is_special(std::string_view(rest).substr(rest.size() - size))) continue;
      rest.resize(rest.size() - size);
      break;
    }
  }
  return rest;
}

EIGENFORMER_INLINE bool AddedTokens::fits(const Entry& entry, std::string_view text, ByteSpan span) const {
  if (!entry.token.single_word) return true;
  const bool word_before =
      span.begin > 0 && is_word(character_at(text, previous_character(text, span.begin)).code_point);
  const bool word_after = span.end < text.size() && is_word(character_at(text, span.end).code_point);
  return !word_before && !word_after;
}

EIGENFORMER_INLINE void AddedTokens::split(std::string_view text, const SplitOptions& options,
                                           std::vector<Section>& sections) const {
  const TokenTrie& trie = options.stage == Stage::given ? given_ : normalized_;
  std::size_t covered = 0;
  const auto entry_of = [this](std::size_t value) -> const Entry& { return entries_.at(static_cast<TokenId>(value)); };
  for (std::size_t begin = 0; begin < text.size() && !trie.empty();) {
    const auto match = trie.longest(text, begin, [&](std::size_t value, std::size_t end) {
      return !options.blocked || entry_of(value).white_space || !options.blocked({begin, end});
    });
    if (!match) {
      ++begin;
      continue;
    }
    const Entry& entry = entry_of(match->value);
    ByteSpan span{begin, match->end};
    begin = match->end;  // also where the match is turned down: what it covers is not looked at again
    if ((!options.match_special && is_special(entry.token.content)) || !fits(entry, text, span)) continue;
    if (entry.token.lstrip) {
      span.begin = std::min(std::max(added_tokens_detail::space_begin(text, span.begin, covered), covered), span.end);
    }
    if (entry.token.rstrip) span.end = added_tokens_detail::space_end(text, span.end);
    if (covered < span.begin) sections.push_back({{covered, span.begin}, std::nullopt});
    sections.push_back({span, static_cast<TokenId>(match->value)});
    covered = span.end;
  }
  if (covered < text.size()) sections.push_back({{covered, text.size()}, std::nullopt});
}

EIGENFORMER_INLINE std::optional<TokenId> AddedTokens::find(std::string_view content) const {
  const auto found = contents_.find(content);
  return found == contents_.end() ? std::nullopt : std::optional<TokenId>(found->second.id);
}

EIGENFORMER_INLINE const AddedToken* AddedTokens::token(TokenId id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.token;
}

EIGENFORMER_INLINE std::string_view AddedTokens::decoded_form(TokenId id) const { return entries_.at(id).form; }

EIGENFORMER_INLINE bool AddedTokens::is_special(std::string_view content) const {
  const auto found = contents_.find(content);
  return found != contents_.end() && found->second.is_special;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
