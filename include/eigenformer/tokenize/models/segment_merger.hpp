// Merges the parts of a piece that no merge can join, one after the other, and remembers them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/merge_cuts.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/models/piece_cache.hpp"
#include "eigenformer/tokenize/models/symbol_merger.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Whether a text's symbols are told by the text alone, so that what was made of it may be used again.
enum class Segments : std::uint8_t { remembered, merged_anew };

/// Takes the symbols of a piece from left to right. Each stands for the bytes behind those of the one before.
class SegmentMerger {
 public:
  SegmentMerger(const MergeTable& merges, const MergeCuts& cuts, Segments segments)
      : merges_(merges), cuts_(cuts), segments_(segments) {}

  void begin(std::string_view piece, std::vector<PieceToken>& tokens) {
    piece_ = piece;
    tokens_ = &tokens;
    symbols_.clear();
    at_ = 0;
  }
  void add(TokenId id, std::uint32_t bytes) {
    if (!symbols_.empty() && !cuts_.may_join(symbols_.back().id, id)) flush();
    symbols_.push_back({.id = id, .begin = at_, .end = at_ + bytes});
    at_ += bytes;
  }
  /// A symbol that merges with nothing.
  void add_alone(TokenId id, std::uint32_t bytes) {
    flush();
    tokens_->push_back({id, at_, at_ + bytes});
    at_ += bytes;
  }
  void end() { flush(); }

 private:
  void flush() {
    if (symbols_.size() <= 1) {
      for (const Symbol& symbol : symbols_) tokens_->push_back({symbol.id, symbol.begin, symbol.end});
      symbols_.clear();
      return;
    }
    const std::uint32_t begin = symbols_.front().begin;
    const std::string_view text = piece_.substr(begin, at_ - begin);
    const std::size_t first = tokens_->size();
    const bool remembered = segments_ == Segments::remembered;
    if (!remembered || !cache_.find(text, *tokens_)) {
      merger_.merge(symbols_, merges_);
      for (const Symbol& symbol : symbols_) tokens_->push_back({symbol.id, symbol.begin - begin, symbol.end - begin});
      if (remembered) cache_.store(text, *tokens_, first);
    }
    shift(first, begin);
    symbols_.clear();
  }
  void shift(std::size_t first, std::uint32_t by) {
    for (std::size_t k = first; k < tokens_->size(); ++k) {
      (*tokens_)[k].begin += by;
      (*tokens_)[k].end += by;
    }
  }

  const MergeTable& merges_;
  const MergeCuts& cuts_;
  const Segments segments_;
  std::string_view piece_;
  std::vector<PieceToken>* tokens_ = nullptr;
  std::uint32_t at_ = 0;  ///< bytes that symbols stand for so far
  std::vector<Symbol> symbols_;
  SymbolMerger merger_;
  PieceCache cache_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
