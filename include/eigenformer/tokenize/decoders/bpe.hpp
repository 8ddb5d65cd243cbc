// Words out of tokens that mark the end of a word.
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

/// The suffix becomes a space, and nothing in the last token, for which each token waits.
class BpeDecoder final : public Decoder {
 public:
  /// `suffix` is not empty.
  explicit BpeDecoder(std::string suffix) : suffix_(std::move(suffix)) {}
  std::unique_ptr<DecoderRun> start(TokenFlow) const override { return std::make_unique<Run>(suffix_); }
  void spell(std::string& token) const override { replace_all(token, suffix_, " "); }

 private:
  class Run final : public DecoderRun {
   public:
    explicit Run(const std::string& suffix) : suffix_(suffix) {}
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<Run>(*this); }
    void push(std::string token, std::vector<std::string>& out) override {
      std::optional<std::string> before = std::exchange(held_, std::move(token));
      if (!before) return;
      replace_all(*before, suffix_, " ");
      out.push_back(std::move(*before));
    }
    void finish(std::vector<std::string>& out) override {
      if (!held_) return;
      replace_all(*held_, suffix_, "");
      out.push_back(std::move(*held_));
      held_.reset();
    }

   private:
    const std::string& suffix_;
    std::optional<std::string> held_;
  };

  std::string suffix_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
