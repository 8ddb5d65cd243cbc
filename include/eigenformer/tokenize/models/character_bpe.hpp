// Byte pair encoding over characters, as tokenizer.json has it for vocabularies of sentencepiece: Llama 2, Gemma.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/character_table.hpp"
#include "eigenformer/tokenize/models/merge_cuts.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/models/piece_list.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

struct CharacterBpeOptions {
  std::string unknown_token = {};  ///< for characters that the vocabulary lacks; empty: they are dropped
  bool fuse_unknown = false;       ///< neighbouring unknown characters become one token
  bool byte_fallback = false;      ///< such characters become "<0xE2>" "<0x82>" "<0xAC>" where all of these exist
  bool ignore_merges = false;      ///< a piece that is a token is that token, whatever the merges say
};

/// Merges the neighbours of lowest rank, the leftmost first, until none merge. O(n log n) for a piece of n characters.
class CharacterBpe final : public Model {
 public:
  /// The tables' errors, and "tokenizer.unknown_token" where the unknown token is not in the vocabulary.
  CharacterBpe(Vocabulary vocabulary, const MergeList& merges, const CharacterBpeOptions& options,
               const std::string& where);

  std::unique_ptr<PieceEncoder> encoder() const override;
  std::size_t vocabulary_size() const override { return vocabulary_.size(); }
  std::optional<TokenId> find(std::string_view token) const override { return vocabulary_.find(token); }
  std::string_view token(TokenId id) const override { return vocabulary_.token(id); }

 private:
  friend class CharacterBpeEncoder;
  void find_cuts();

  Vocabulary vocabulary_;
  MergeTable merges_;
  CharacterTable characters_;
  ByteTokens bytes_ = k_no_byte_tokens;
  MergeCuts cuts_;
  std::optional<TokenId> unknown_;
  bool fuse_unknown_ = false;
  bool ignore_merges_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/character_bpe-inl.hpp"
#endif
