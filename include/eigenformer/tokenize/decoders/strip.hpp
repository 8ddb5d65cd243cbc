// Tokens, or the text that they have been joined to, without some of a character at the ends.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Of a joined text it holds back no more than the `stop` characters that may be the last.
class StripDecoder final : public Decoder {
 public:
  struct Options {
    std::string content = " ";  ///< one character
    std::size_t start = 0;      ///< how many at the begin go, at most
    std::size_t stop = 0;       ///< and at the end
  };
  explicit StripDecoder(Options options) : options_(std::move(options)) {}

  std::unique_ptr<DecoderRun> start(TokenFlow input) const override;
  bool takes_parts() const override { return true; }
  void spell(std::string& token) const override;
  void spell_joined(std::string&) const override {}  // in the middle of a text nothing goes

 private:
  class TokenRun;
  class JoinedRun;
  /// How many bytes at the begin, or at the end, are the content, up to `most` times.
  std::size_t leading(std::string_view text, std::size_t most) const;
  std::size_t trailing(std::string_view text, std::size_t most) const;

  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/decoders/strip-inl.hpp"
#endif
