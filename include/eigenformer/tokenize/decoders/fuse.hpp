// Joins all tokens into one.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class FuseDecoder final : public Decoder {
 public:
  std::unique_ptr<DecoderRun> start(TokenFlow) const override { return std::make_unique<Run>(); }
  bool takes_parts() const override { return true; }
  TokenFlow output(TokenFlow) const override { return TokenFlow::joined; }
  void spell(std::string&) const override {}

 private:
  class Run final : public DecoderRun {
   public:
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<Run>(); }
    void push(std::string token, std::vector<std::string>& out) override { out.push_back(std::move(token)); }
    void finish(std::vector<std::string>&) override {}
  };
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
