// Takes a character away at the two ends of a token.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class StripDecoder final : public Decoder {
 public:
  struct Options {
    std::string content = " ";  ///< one character
    std::size_t start = 0;      ///< how many of them go at the begin of a token
    std::size_t stop = 0;       ///< and at its end
  };
  explicit StripDecoder(Options options) : options_(std::move(options)) {}

  std::unique_ptr<DecoderRun> start(TokenFlow input) const override {
    if (input == TokenFlow::joined) return std::make_unique<JoinedRun>(options_);
    return std::make_unique<TokenRun>(options_);
  }
  bool takes_parts() const override { return true; }
  /// What lies inside a text is not stripped.
  void spell(std::string& token) const override { (void)token; }

 private:
  static void strip_start(const std::string& content, std::size_t& most, std::string& text) {
    std::size_t begin = 0;
    while (most > 0 && text.compare(begin, content.size(), content) == 0) {
      begin += content.size();
      --most;
    }
    if (begin < text.size()) most = 0;
    text.erase(0, begin);
  }

  class TokenRun final : public DecoderRun {
   public:
    explicit TokenRun(const Options& options) : options_(options) {}
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<TokenRun>(*this); }
    void push(std::string token, std::vector<std::string>& out) override {
      std::size_t most = options_.start;
      strip_start(options_.content, most, token);
      for (std::size_t k = 0; k < options_.stop && token.ends_with(options_.content); ++k) {
        token.resize(token.size() - options_.content.size());
      }
      out.push_back(std::move(token));
    }
    void finish(std::vector<std::string>&) override {}

   private:
    const Options& options_;
  };

  /// One token in parts: its last characters wait until it has ended.
  class JoinedRun final : public DecoderRun {
   public:
    explicit JoinedRun(const Options& options) : options_(options), left_(options.start) {}
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<JoinedRun>(*this); }
    void push(std::string part, std::vector<std::string>& out) override {
      strip_start(options_.content, left_, part);
      if (part.empty()) return;
      waiting_ += part;
      std::size_t kept = waiting_.size();
      for (std::size_t k = 0; k < options_.stop && ends_at(kept); ++k) kept -= options_.content.size();
      out.push_back(waiting_.substr(0, kept));
      waiting_.erase(0, kept);
    }
    void finish(std::vector<std::string>&) override {
      left_ = options_.start;
      waiting_.clear();
    }

   private:
    bool ends_at(std::size_t end) const {
      const std::size_t size = options_.content.size();
      return end >= size && waiting_.compare(end - size, size, options_.content) == 0;
    }
    const Options& options_;
    std::size_t left_;     ///< how many may still go at the begin
    std::string waiting_;  ///< what goes, if nothing follows
  };

  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
