// Splitting by a pattern: Split, Digits, Punctuation and the like are this with their own patterns.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// What becomes of a match, by the example of "-" in "the-final--countdown".
enum class SplitBehavior : std::uint8_t {
  removed,               ///< the, final, countdown
  isolated,              ///< the, -, final, -, -, countdown
  merged_with_previous,  ///< the-, final-, -, countdown
  merged_with_next,      ///< the, -final, -, -countdown
  contiguous,            ///< the, -, final, --, countdown
};

/// Whether the matches are the delimiters, or what lies between them.
enum class SplitAt : std::uint8_t { matches, gaps };

/// Cuts every piece.
void split_pieces(PreTokenizedText& text, const Pattern& pattern, SplitBehavior behavior,
                  SplitAt delimiters = SplitAt::matches);

class Split final : public PreTokenizer {
 public:
  struct Options {
    SplitBehavior behavior = SplitBehavior::isolated;
    SplitAt delimiters = SplitAt::matches;
  };
  Split(std::unique_ptr<const Pattern> pattern, Options options) : pattern_(std::move(pattern)), options_(options) {}
  void split(PreTokenizedText& text) const override {
    split_pieces(text, *pattern_, options_.behavior, options_.delimiters);
  }

 private:
  std::unique_ptr<const Pattern> pattern_;
  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pre_tokenizers/split-inl.hpp"
#endif
