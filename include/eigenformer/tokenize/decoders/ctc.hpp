// Text out of what a speech model says for each moment: https://distill.pub/2017/ctc/
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/cleanup.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A token that follows itself counts once; then the padding goes, and the delimiter of words becomes a space.
class CtcDecoder final : public Decoder {
 public:
  struct Options {
    std::string pad_token = "<pad>";         ///< empty: none
    std::string word_delimiter_token = "|";  ///< empty: none
    bool cleanup = true;
  };
  explicit CtcDecoder(Options options) : options_(std::move(options)) {}
  std::unique_ptr<DecoderRun> start(TokenFlow) const override { return std::make_unique<Run>(*this); }
  void spell(std::string& token) const override {
    if (!options_.pad_token.empty()) replace_all(token, options_.pad_token, "");
    if (!options_.cleanup) return;
    clean_up(token);
    if (!options_.word_delimiter_token.empty()) replace_all(token, options_.word_delimiter_token, " ");
  }

 private:
  class Run final : public DecoderRun {
   public:
    explicit Run(const CtcDecoder& decoder) : decoder_(decoder) {}
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<Run>(*this); }
    void push(std::string token, std::vector<std::string>& out) override {
      if (previous_ == token) return;
      previous_ = token;
      decoder_.spell(token);
      if (!token.empty()) out.push_back(std::move(token));
    }
    void finish(std::vector<std::string>&) override { previous_.reset(); }

   private:
    const CtcDecoder& decoder_;
    std::optional<std::string> previous_;
  };

  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
