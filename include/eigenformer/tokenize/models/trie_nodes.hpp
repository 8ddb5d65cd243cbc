// How many nodes a trie of some texts has, and how many it may have.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Gemma 3's 262,144 tokens have 600,871 different beginnings, each of which is a node.
inline constexpr std::size_t k_most_trie_nodes = std::size_t{5} << 19U;

/// Long texts that have nothing in common cost a node for each of their bytes: many times what they take in a file.
/// TokenizerError "tokenizer.vocabulary_size" beyond `most`.
inline void check_trie_nodes(std::size_t nodes, std::size_t most, const std::string& where) {
  if (nodes <= most) return;
  throw TokenizerError({.id = "tokenizer.vocabulary_size",
                        .expected = "tokens with at most " + std::to_string(most) + " different beginnings",
                        .found = std::to_string(nodes),
                        .where = where,
                        .remedy = "check that this is the file you meant"});
}

/// One for each beginning of a text, and the root. `entries` are in the order of their member `text`.
template <class Entry>
std::size_t count_trie_nodes(const std::vector<Entry>& entries) {
  std::size_t count = 1;
  std::string_view last;
  for (const Entry& entry : entries) {
    const auto differs = std::mismatch(entry.text.begin(), entry.text.end(), last.begin(), last.end()).first;
    count += static_cast<std::size_t>(entry.text.end() - differs);
    last = entry.text;
  }
  return count;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
