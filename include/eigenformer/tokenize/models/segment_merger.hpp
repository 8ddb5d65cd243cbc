// Merges the parts of a piece that no merge can join, one after the other, and remembers them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/bpe_alphabet.hpp"
#include "eigenformer/tokenize/models/merge_cuts.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/models/piece_cache.hpp"
#include "eigenformer/tokenize/models/symbol_merger.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Takes the symbols of a piece from left to right.
class SegmentMerger {
 public:
  /// Without `cuts` a piece is merged as one, and not remembered.
  SegmentMerger(const MergeTable& merges, const MergeCuts* cuts) : merges_(merges), cuts_(cuts) {}

  void begin(std::string_view piece, std::vector<PieceToken>& tokens) {
    piece_ = piece;
    tokens_ = &tokens;
    symbols_.clear();
  }
  void add(const BpeStart& start) {
    if (!symbols_.empty() && cuts_ != nullptr && !cuts_->may_join(symbols_.back().id, start.id)) end();
    symbols_.push_back({.id = start.id, .begin = start.begin, .end = start.end});
  }
  /// A token that merges with nothing.
  void add_alone(const PieceToken& token) {
    end();
    tokens_->push_back(token);
  }
  void end() {
    if (symbols_.size() > 1 && cuts_ != nullptr) {
      put_segment();
    } else {
      if (symbols_.size() > 1) merger_.merge(symbols_, merges_);
      put(0);
    }
    symbols_.clear();
  }

 private:
  void put_segment() {
    const std::uint32_t begin = symbols_.front().begin, end = symbols_.back().end;
    const std::string_view text = piece_.substr(begin, end - begin);
    const std::size_t first = tokens_->size();
    if (!cache_.find(text, *tokens_)) {
      merger_.merge(symbols_, merges_);
      put(begin);
      cache_.store(text, *tokens_, first);
    }
    for (std::size_t k = first; k < tokens_->size(); ++k) {
      (*tokens_)[k].begin += begin;
      (*tokens_)[k].end += begin;
    }
  }
  void put(std::uint32_t origin) {
    for (const Symbol& symbol : symbols_) {
      tokens_->push_back({symbol.id, symbol.begin - origin, symbol.end - origin});
    }
  }

  const MergeTable& merges_;
  const MergeCuts* cuts_;
  std::string_view piece_;
  std::vector<PieceToken>* tokens_ = nullptr;
  std::vector<Symbol> symbols_;
  SymbolMerger merger_;
  PieceCache cache_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
