// The stage that turns tokens back into text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// What a decoder takes or gives: one token after the other, or, once a decoder has joined them, parts of one token
/// that goes on until the end.
enum class TokenFlow : std::uint8_t { tokens, joined };

/// A decoder at work on one text. What it gives is well-formed UTF-8, and what it is given is too.
class DecoderRun {
 public:
  virtual ~DecoderRun() = default;
  virtual std::unique_ptr<DecoderRun> clone() const = 0;
  /// Takes the next token, or part, and appends those that have become certain.
  virtual void push(std::string token, std::vector<std::string>& out) = 0;
  /// Appends what was held back. The run then stands at the begin of a text again.
  virtual void finish(std::vector<std::string>& out) = 0;
};

/// Immutable.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// `input` is TokenFlow::joined only for a decoder that takes parts.
  virtual std::unique_ptr<DecoderRun> start(TokenFlow input) const = 0;
  /// Whether it can work on parts of a token, holding back little.
  virtual bool takes_parts() const { return false; }
  virtual TokenFlow output(TokenFlow input) const { return input; }
  /// Turns a token into the bytes that it adds to a text that has begun before it.
  virtual void spell(std::string& token) const = 0;
  /// The same of a part of a joined token.
  virtual void spell_joined(std::string& part) const { spell(part); }
};

/// Whether a token is the first of its text.
enum class TokenPlace : std::uint8_t { first, later };

/// A decoder that looks at each token by itself, and at whether it is the first.
class EachTokenDecoder : public Decoder {
 public:
  virtual void decode(std::string& token, TokenPlace place) const = 0;

  std::unique_ptr<DecoderRun> start(TokenFlow) const override { return std::make_unique<Run>(*this); }
  void spell(std::string& token) const override { decode(token, TokenPlace::later); }

 private:
  class Run final : public DecoderRun {
   public:
    explicit Run(const EachTokenDecoder& decoder) : decoder_(decoder) {}
    std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<Run>(*this); }
    void push(std::string token, std::vector<std::string>& out) override {
      decoder_.decode(token, std::exchange(place_, TokenPlace::later));
      out.push_back(std::move(token));
    }
    void finish(std::vector<std::string>&) override { place_ = TokenPlace::first; }

   private:
    const EachTokenDecoder& decoder_;
    TokenPlace place_ = TokenPlace::first;
  };
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
