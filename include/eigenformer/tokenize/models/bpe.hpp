// Byte pair encoding, over characters or, as GPT-2 has it, over bytes: https://arxiv.org/abs/1508.07909
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/bpe_alphabet.hpp"
#include "eigenformer/tokenize/models/merge_cuts.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

struct BpeOptions {
  BpeAlphabetOptions alphabet = {};
  bool ignore_merges = false;  ///< a piece that is a token is that token, whatever the merges say
};

class Bpe final : public Model {
 public:
  /// The tables' errors, and "tokenizer.unknown_token" where the unknown token is not in the vocabulary.
  Bpe(Vocabulary vocabulary, const MergeList& merges, const BpeOptions& options, const std::string& where);

  std::unique_ptr<PieceEncoder> encoder() const override;
  std::unique_ptr<PieceEncoder> byte_encoder() const override;
  std::size_t vocabulary_size() const override { return vocabulary_.size(); }
  std::size_t token_count() const override { return vocabulary_.count(); }
  bool has(TokenId id) const override { return vocabulary_.has(id); }
  std::optional<TokenId> find(std::string_view token) const override { return vocabulary_.find(token); }
  std::string_view token(TokenId id) const override { return vocabulary_.token(id); }
  std::string_view continuing_prefix() const override { return alphabet_.continuing_prefix(); }

 private:
  friend class BpeEncoder;
  void find_cuts(format::LoadWatch watch);

  Vocabulary vocabulary_;
  MergeTable merges_;
  BpeAlphabet alphabet_;
  std::optional<MergeCuts> cuts_;  ///< where they can be told from the tokens' characters
  bool ignore_merges_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/bpe-inl.hpp"
#endif
