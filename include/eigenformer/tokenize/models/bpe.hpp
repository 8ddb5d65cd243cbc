// Byte-level byte pair encoding: https://arxiv.org/abs/1508.07909 over bytes, as GPT-2 has it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

struct BpeOptions {
  std::string unknown_token = {};  ///< for bytes that the vocabulary lacks; empty: they are dropped
  bool fuse_unknown = false;       ///< neighbouring unknown bytes become one token
  bool ignore_merges = false;      ///< a piece that is a token is that token, whatever the merges say
};

/// Merges the neighbours of lowest rank, the leftmost first, until none merge.
class Bpe final : public Model {
 public:
  /// The tables' errors, and "tokenizer.unknown_token" where the unknown token is not in the vocabulary.
  Bpe(Vocabulary vocabulary, const MergeList& merges, const BpeOptions& options, const std::string& where);

  std::unique_ptr<PieceEncoder> encoder() const override;
  std::size_t vocabulary_size() const override { return vocabulary_.size(); }
  std::optional<TokenId> find(std::string_view token) const override { return vocabulary_.find(token); }
  std::string_view token(TokenId id) const override { return vocabulary_.token(id); }

 private:
  friend class BpeEncoder;

  Vocabulary vocabulary_;
  MergeTable merges_;
  std::array<TokenId, 256> bytes_{};  ///< the token of each byte, or k_no_token
  std::optional<TokenId> unknown_;
  bool fuse_unknown_ = false;
  bool ignore_merges_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/bpe-inl.hpp"
#endif
