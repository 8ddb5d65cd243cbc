// Words out of WordPiece's tokens.
#pragma once

#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/cleanup.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A token with the prefix continues a word; any other has a space before it, unless it is the first.
class WordPieceDecoder final : public EachTokenDecoder {
 public:
  struct Options {
    std::string prefix = "##";
    bool cleanup = true;
  };
  explicit WordPieceDecoder(Options options) : options_(std::move(options)) {}

  void decode(std::string& token, TokenPlace place) const override {
    if (place == TokenPlace::later) {
      if (token.starts_with(options_.prefix)) {
        token.erase(0, options_.prefix.size());
      } else {
        token.insert(0, 1, ' ');
      }
    }
    if (options_.cleanup) clean_up(token);
  }

 private:
  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
