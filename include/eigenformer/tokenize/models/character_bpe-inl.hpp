#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/models/character_bpe.hpp"
#include "eigenformer/tokenize/models/segment_merger.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class CharacterBpeEncoder final : public PieceEncoder {
 public:
  explicit CharacterBpeEncoder(const CharacterBpe& model)
      : model_(model), merger_(model.merges_, model.cuts_, segments(model)) {}

  void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
    if (model_.ignore_merges_) {
      if (const std::optional<TokenId> id = model_.vocabulary_.find(piece)) {
        tokens.push_back({*id, 0, static_cast<std::uint32_t>(piece.size())});
        return;
      }
    }
    merger_.begin(piece, tokens);
    for (std::size_t k = 0; k < piece.size();) {
      const Character character = character_at(piece, k);
      add(character, piece.substr(k, character.bytes));
      k += character.bytes;
    }
    put_unknown();
    merger_.end();
  }

 private:
  /// Where characters may be dropped, or change places, a symbol's place does not tell its text.
  static Segments segments(const CharacterBpe& model) {
    std::size_t bytes = 0;
    for (const TokenId id : model.bytes_) bytes += id >= 0 ? 1 : 0;
    const bool in_order = bytes == model.bytes_.size() || (bytes == 0 && model.unknown_);
    return in_order ? Segments::remembered : Segments::merged_anew;
  }

  void add(Character character, std::string_view bytes) {
    const TokenId id = model_.characters_.find(character.code_point);
    if (id >= 0) {
      put_unknown();
      merger_.add(id, character.bytes);
    } else if (has_byte_tokens(model_.bytes_, bytes)) {
      // An unknown character before it comes after it: so it is in Hugging Face tokenizers, where a vocabulary has some
      // bytes and not others.
      for (const char c : bytes) merger_.add(model_.bytes_[static_cast<unsigned char>(c)], 1);
    } else if (model_.unknown_) {
      if (!model_.fuse_unknown_) put_unknown();
      unknown_bytes_ += character.bytes;
    }
  }
  void put_unknown() {
    if (unknown_bytes_ > 0) merger_.add(*model_.unknown_, std::exchange(unknown_bytes_, 0));
  }

  const CharacterBpe& model_;
  SegmentMerger merger_;
  std::uint32_t unknown_bytes_ = 0;  ///< of unknown characters that have no token yet
};

EIGENFORMER_INLINE CharacterBpe::CharacterBpe(Vocabulary vocabulary, const MergeList& merges,
                                              const CharacterBpeOptions& options, const std::string& where)
    : vocabulary_(std::move(vocabulary)),
      merges_(merges, vocabulary_, where),
      fuse_unknown_(options.fuse_unknown),
      ignore_merges_(options.ignore_merges) {
  for (std::size_t k = 0; k < vocabulary_.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    characters_.set_if_character(vocabulary_.token(id), id);
  }
  if (options.byte_fallback) {
    bytes_ = find_byte_tokens([this](std::string_view token) { return vocabulary_.find(token); });
  }
  if (!options.unknown_token.empty()) {
    unknown_ = vocabulary_.find(options.unknown_token);
    if (!unknown_) {
      throw TokenizerError({.id = "tokenizer.unknown_token",
                            .expected = "an unknown token that is in the vocabulary",
                            .found = format::in_quotes(options.unknown_token),
                            .where = where,
                            .remedy = "download the file again"});
    }
  }
  find_cuts();
}

/// A token that merges is made of its characters, unless it is one that stands for something else: a byte, or unknown.
EIGENFORMER_INLINE void CharacterBpe::find_cuts() {
  std::size_t count = 0;
  merges_.for_each_pair([&](TokenId, TokenId) { ++count; });
  cuts_.resize_for(count);
  const auto stands_for_itself = [this](TokenId id) {
    return id == unknown_ || byte_of_token(vocabulary_.token(id)).has_value();
  };
  merges_.for_each_pair([&](TokenId left, TokenId right) {
    const TokenId before = characters_.last_of(vocabulary_.token(left));
    const TokenId after = characters_.first_of(vocabulary_.token(right));
    const bool left_itself = stands_for_itself(left), right_itself = stands_for_itself(right);
    cuts_.add(before, after);
    if (left_itself) cuts_.add(left, after);
    if (right_itself) cuts_.add(before, right);
    if (left_itself && right_itself) cuts_.add(left, right);
  });
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> CharacterBpe::encoder() const {
  return std::make_unique<CharacterBpeEncoder>(*this);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
