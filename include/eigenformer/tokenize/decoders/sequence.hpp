// One decoder after the other.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class DecoderSequence final : public Decoder {
 public:
  explicit DecoderSequence(std::vector<std::unique_ptr<const Decoder>> steps) : steps_(std::move(steps)) {}
  /// A step that needs whole tokens, after one that joins them, gets the joined token at the end.
  std::unique_ptr<DecoderRun> start(TokenFlow input) const override;
  bool takes_parts() const override;
  TokenFlow output(TokenFlow input) const override;
  void spell(std::string& token) const override { spell(token, TokenFlow::tokens); }
  void spell_joined(std::string& part) const override { spell(part, TokenFlow::joined); }

 private:
  void spell(std::string& token, TokenFlow flow) const;

  std::vector<std::unique_ptr<const Decoder>> steps_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/decoders/sequence-inl.hpp"
#endif
