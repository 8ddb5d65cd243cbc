// The stage after the model: tokens of the template, and offsets.
#pragma once

#include <cstdint>
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

/// What the model made of a text, and what a template puts around it.
struct EncodedText {
  std::string_view text;        ///< the well-formed input
  std::vector<TokenId> before;  ///< tokens of the template
  std::vector<TokenId> ids;
  std::vector<TokenId> after;
  bool wants_offsets = false;
  std::vector<ByteSpan> spans;    ///< of each id in `text`; only if wanted
  std::vector<EdgeSpaces> edges;  ///< of each id; only if offsets are wanted
};

class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  virtual void process(EncodedText& encoded, const EncodeOptions& options) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
