// The stage after the model: tokens of a template around those of the texts, and offsets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// White space at the two ends of a token, in characters.
struct EdgeSpaces {
  std::uint32_t leading = 0;
  std::uint32_t trailing = 0;
};

/// Tokens that stand side by side in a result, with where in `text` each comes from.
struct TokenWindow {
  std::string_view text;  ///< the well-formed input
  std::span<ByteSpan> spans;
  std::span<const EdgeSpaces> edges;
};

/// A part of the result: the tokens of a text, or tokens of the template.
struct LayoutPart {
  std::int32_t text = -1;  ///< 0 the first, 1 the second; -1: `ids`
  std::int32_t type_id = 0;
  std::vector<TokenId> ids = {};
};

/// What stands where in the result.
struct Layout {
  std::size_t texts = 1;
  bool add_special_tokens = true;
  std::vector<LayoutPart> parts = {};
};

class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  /// Whether `trim` does anything; only then it is asked.
  virtual bool trims() const { return false; }
  /// Changes offsets.
  virtual void trim(const TokenWindow&) const {}
  /// How many times tokens are put around the texts. More than once in a row is nothing that a file means.
  virtual std::size_t arranges() const { return 0; }
  /// `layout.parts` holds the texts in order when the first one is asked.
  virtual void arrange(Layout&) const {}
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
