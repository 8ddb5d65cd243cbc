// The bytes that a byte-level token's characters stand for.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A token with a character outside of the alphabet is text as it is. Joins the tokens, and holds back the begin of a
/// character.
class ByteLevelDecoder final : public Decoder {
 public:
  std::unique_ptr<DecoderRun> start(TokenFlow) const override { return std::make_unique<Run>(); }
  TokenFlow output(TokenFlow) const override { return TokenFlow::joined; }
  void spell(std::string& token) const override {
    std::string bytes;
    append_token_bytes(token, bytes);
    token = std::move(bytes);
  }

 private:
  class Run final : public DecoderRun {
   public:
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<Run>(*this); }
    void push(std::string token, std::vector<std::string>& out) override {
      bytes_.clear();
      append_token_bytes(token, bytes_);
      out.push_back(stream_.push(bytes_));
    }
    void finish(std::vector<std::string>& out) override { out.push_back(stream_.finish()); }

   private:
    Utf8Stream stream_;
    std::string bytes_;
  };
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
