#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/models/bpe.hpp"
#include "eigenformer/tokenize/models/piece_cache.hpp"
#include "eigenformer/tokenize/models/symbol_merger.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace bpe_detail {

inline constexpr TokenId k_no_token = -1;

}  // namespace bpe_detail

/// Works on one piece after the other, in buffers that it keeps.
class BpeEncoder final : public PieceEncoder {
 public:
  explicit BpeEncoder(const Bpe& model) : model_(model) {}

  void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
    const std::size_t first = tokens.size();
    if (cache_.find(piece, tokens)) return;
    if (!encode_as_token(piece, tokens)) {
      read_symbols(piece);
      merger_.merge(symbols_, model_.merges_);
      for (const Symbol& symbol : symbols_) tokens.push_back({symbol.id, symbol.begin, symbol.end});
    }
    cache_.store(piece, tokens, first);
  }

 private:
  bool encode_as_token(std::string_view piece, std::vector<PieceToken>& tokens) {
    if (!model_.ignore_merges_ || piece.size() > model_.vocabulary_.longest_token()) return false;
    characters_.clear();
    append_byte_characters(piece, characters_);
    const std::optional<TokenId> id = model_.vocabulary_.find(characters_);
    if (id) tokens.push_back({*id, 0, static_cast<std::uint32_t>(piece.size())});
    return id.has_value();
  }

  void read_symbols(std::string_view piece) {
    symbols_.clear();
    symbols_.reserve(piece.size());
    bool after_unknown = false;
    for (std::uint32_t k = 0; k < piece.size(); ++k) {
      const TokenId id = model_.bytes_[static_cast<unsigned char>(piece[k])];
      if (id != bpe_detail::k_no_token) {
        symbols_.push_back({.id = id, .begin = k, .end = k + 1});
        after_unknown = false;
      } else if (model_.unknown_) {
        if (after_unknown && model_.fuse_unknown_) {
          symbols_.back().end = k + 1;
        } else {
          symbols_.push_back({.id = *model_.unknown_, .begin = k, .end = k + 1});
        }
        after_unknown = true;
      }
    }
  }

  const Bpe& model_;
  PieceCache cache_;
  std::string characters_;
  std::vector<Symbol> symbols_;
  SymbolMerger merger_;
};

EIGENFORMER_INLINE Bpe::Bpe(Vocabulary vocabulary, const MergeList& merges, const BpeOptions& options,
                            const std::string& where)
    : vocabulary_(std::move(vocabulary)),
      merges_(merges, vocabulary_, where),
      fuse_unknown_(options.fuse_unknown),
      ignore_merges_(options.ignore_merges) {
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    std::string character;
    append_character(k_character_of_byte[byte], character);
    bytes_[byte] = vocabulary_.find(character).value_or(bpe_detail::k_no_token);
  }
  if (options.unknown_token.empty()) return;
  unknown_ = vocabulary_.find(options.unknown_token);
  if (!unknown_) {
    throw TokenizerError({.id = "tokenizer.unknown_token",
                          .expected = "an unknown token that is in the vocabulary",
                          .found = format::in_quotes(options.unknown_token),
                          .where = where,
                          .remedy = "download the file again"});
  }
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> Bpe::encoder() const { return std::make_unique<BpeEncoder>(*this); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
