// Offsets without the white space that tokens begin and end with.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/post_processors/post_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The post-processor "ByteLevel" with trim_offsets.
class ByteLevelOffsets final : public PostProcessor {
 public:
  struct Options {
    bool add_prefix_space =
        true;  ///< a single space at the begin of the text was inserted and has no place to leave out
  };
  explicit ByteLevelOffsets(Options options) : options_(options) {}
  bool trims() const override { return true; }
  void trim(const TokenWindow& window) const override;

 private:
  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/post_processors/byte_level_offsets-inl.hpp"
#endif
