#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/models/bpe.hpp"
#include "eigenformer/tokenize/models/byte_tokens.hpp"
#include "eigenformer/tokenize/models/piece_cache.hpp"
#include "eigenformer/tokenize/models/segment_merger.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Works on one piece after the other, in buffers that it keeps.
class BpeEncoder final : public PieceEncoder {
 public:
  /// What the bytes of a piece are.
  enum class Form : std::uint8_t { characters, bytes };
  BpeEncoder(const Bpe& model, Form form)
      : model_(model), form_(form), merger_(model.merges_, model.cuts_ ? &*model.cuts_ : nullptr) {}

  void encode(std::string_view piece, std::vector<PieceToken>& tokens) override {
    const std::size_t first = tokens.size();
    if (cache_.find(piece, tokens)) return;
    if (!encode_as_token(piece, tokens)) {
      merger_.begin(piece, tokens);
      add_starts(piece);
      merger_.end();
    }
    cache_.store(piece, tokens, first);
  }

 private:
  void add_starts(std::string_view piece) {
    if (const std::array<TokenId, 256>* bytes = model_.alphabet_.every_byte(); bytes && form_ == Form::bytes) {
      for (std::uint32_t k = 0; k < piece.size(); ++k) {
        merger_.add({(*bytes)[static_cast<unsigned char>(piece[k])], k, k + 1});
      }
      return;
    }
    starts_.clear();
    if (form_ == Form::bytes) {
      model_.alphabet_.split_bytes(piece, starts_);
    } else {
      model_.alphabet_.split_characters(piece, starts_);
    }
    for (const BpeStart& start : starts_) merger_.add(start);
  }

  bool encode_as_token(std::string_view piece, std::vector<PieceToken>& tokens) {
    if (!model_.ignore_merges_ || piece.size() > model_.vocabulary_.longest_token()) return false;
    std::string_view token = piece;
    if (form_ == Form::bytes) {
      characters_.clear();
      append_byte_characters(piece, characters_);
      token = characters_;
    }
    const std::optional<TokenId> id = model_.vocabulary_.find(token);
    if (id) tokens.push_back({*id, 0, static_cast<std::uint32_t>(piece.size())});
    return id.has_value();
  }

  const Bpe& model_;
  Form form_;
  SegmentMerger merger_;
  PieceCache cache_;
  std::string characters_;
  std::vector<BpeStart> starts_;
};

EIGENFORMER_INLINE Bpe::Bpe(Vocabulary vocabulary, const MergeList& merges, const BpeOptions& options,
                            const std::string& where)
    : vocabulary_(std::move(vocabulary)),
      merges_(merges, vocabulary_, options.alphabet.continuing_prefix, where),
      alphabet_(vocabulary_, options.alphabet, where),
      ignore_merges_(options.ignore_merges) {
  if (!options.alphabet.continuing_prefix.empty() || !options.alphabet.end_suffix.empty()) return;
  if (alphabet_.keeps_order()) find_cuts(merges.watch);
}

/// A token that merges is made of its characters, unless it is one that stands for something else: a byte, or unknown.
EIGENFORMER_INLINE void Bpe::find_cuts(format::LoadWatch watch) {
  std::size_t count = 0;
  merges_.for_each_pair([&](TokenId, TokenId) { ++count; });
  MergeCuts& cuts = cuts_.emplace();
  cuts.resize_for(count);
  const auto stands_for_other = [this](TokenId id) {
    return id == alphabet_.unknown() || byte_of_token(vocabulary_.token(id)).has_value();
  };
  struct Ends {
    TokenId first = 0, last = 0;
    bool stand_for_other = false;
  };
  std::vector<Ends> ends(vocabulary_.size());  // a token is part of many merges
  for (std::size_t k = 0; k < ends.size(); ++k) {
    watch.step();
    const auto id = static_cast<TokenId>(k);
    const std::string_view token = vocabulary_.token(id);
    ends[k] = {first_character(alphabet_.characters(), token), last_character(alphabet_.characters(), token),
               stands_for_other(id)};
  }
  merges_.for_each_pair([&](TokenId left, TokenId right) {
    watch.step();
    const Ends &left_ends = ends[static_cast<std::size_t>(left)], &right_ends = ends[static_cast<std::size_t>(right)];
    const TokenId before = left_ends.last, after = right_ends.first;
    cuts.add(before, after);
    const bool left_itself = left_ends.stand_for_other, right_itself = right_ends.stand_for_other;
    if (left_itself) cuts.add(left, after);
    if (right_itself) cuts.add(before, right);
    if (left_itself && right_itself) cuts.add(left, right);
  });
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> Bpe::encoder() const {
  return std::make_unique<BpeEncoder>(*this, BpeEncoder::Form::characters);
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> Bpe::byte_encoder() const {
  if (!alphabet_.takes_bytes()) return nullptr;
  return std::make_unique<BpeEncoder>(*this, BpeEncoder::Form::bytes);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
