#pragma once

#include <string_view>

#include "eigenformer/tokenize/decoders/strip.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class StripDecoder::TokenRun final : public DecoderRun {
 public:
  explicit TokenRun(const StripDecoder& decoder) : decoder_(decoder) {}
  std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<TokenRun>(*this); }
  void push(std::string token, std::vector<std::string>& out) override {
    decoder_.spell(token);
    out.push_back(std::move(token));
  }
  void finish(std::vector<std::string>&) override {}

 private:
  const StripDecoder& decoder_;
};

class StripDecoder::JoinedRun final : public DecoderRun {
 public:
  explicit JoinedRun(const StripDecoder& decoder) : decoder_(decoder), start_(decoder.options_.start) {}
  std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<JoinedRun>(*this); }

  void push(std::string part, std::vector<std::string>& out) override {
    const StripDecoder::Options& options = decoder_.options_;
    if (const std::size_t bytes = decoder_.leading(part, start_); bytes > 0) {
      start_ -= bytes / options.content.size();
      part.erase(0, bytes);
    }
    if (!part.empty()) start_ = 0;
    held_ += part;
    const std::size_t last = decoder_.trailing(held_, options.stop);
    out.push_back(held_.substr(0, held_.size() - last));
    held_.erase(0, held_.size() - last);
  }
  void finish(std::vector<std::string>&) override {
    held_.clear();
    start_ = decoder_.options_.start;
  }

 private:
  const StripDecoder& decoder_;
  std::size_t start_;  ///< how many may still go at the begin
  std::string held_;   ///< what goes if the text ends here
};

EIGENFORMER_INLINE std::size_t StripDecoder::leading(std::string_view text, std::size_t most) const {
  std::size_t bytes = 0;
  for (; most > 0 && text.substr(bytes).starts_with(options_.content); --most) bytes += options_.content.size();
  return bytes;
}

EIGENFORMER_INLINE std::size_t StripDecoder::trailing(std::string_view text, std::size_t most) const {
  std::size_t bytes = 0;
  for (; most > 0 && text.substr(0, text.size() - bytes).ends_with(options_.content); --most) {
    bytes += options_.content.size();
  }
  return bytes;
}

EIGENFORMER_INLINE std::unique_ptr<DecoderRun> StripDecoder::start(TokenFlow input) const {
  if (input == TokenFlow::joined) return std::make_unique<JoinedRun>(*this);
  return std::make_unique<TokenRun>(*this);
}

EIGENFORMER_INLINE void StripDecoder::spell(std::string& token) const {
  token.erase(0, leading(token, options_.start));
  token.resize(token.size() - trailing(token, options_.stop));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
