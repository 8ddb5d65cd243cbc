#pragma once

#include <utility>

#include "eigenformer/tokenize/decoders/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace decoder_sequence_detail {

/// Keeps the parts of a joined token until it has ended.
class CollectRun final : public DecoderRun {
 public:
  std::unique_ptr<DecoderRun> clone() const override { return std::make_unique<CollectRun>(*this); }
  void push(std::string token, std::vector<std::string>&) override { whole_ += token; }
  void finish(std::vector<std::string>& out) override { out.push_back(std::exchange(whole_, {})); }

 private:
  std::string whole_;
};

class SequenceRun final : public DecoderRun {
 public:
  explicit SequenceRun(std::vector<std::unique_ptr<DecoderRun>> steps) : steps_(std::move(steps)) {}
  std::unique_ptr<DecoderRun> clone() const override {
    std::vector<std::unique_ptr<DecoderRun>> steps;
    steps.reserve(steps_.size());
    for (const auto& step : steps_) steps.push_back(step->clone());
    return std::make_unique<SequenceRun>(std::move(steps));
  }
  void push(std::string token, std::vector<std::string>& out) override {
    std::vector<std::string> tokens;
    tokens.push_back(std::move(token));
    pass(0, std::move(tokens), out);
  }
  void finish(std::vector<std::string>& out) override {
    for (std::size_t k = 0; k < steps_.size(); ++k) {
      std::vector<std::string> rest;
      steps_[k]->finish(rest);
      pass(k + 1, std::move(rest), out);
    }
  }

 private:
  void pass(std::size_t step, std::vector<std::string> tokens, std::vector<std::string>& out) {
    for (; step < steps_.size(); ++step) {
      std::vector<std::string> next;
      for (std::string& token : tokens) steps_[step]->push(std::move(token), next);
      tokens = std::move(next);
    }
    for (std::string& token : tokens) out.push_back(std::move(token));
  }

  std::vector<std::unique_ptr<DecoderRun>> steps_;
};

}  // namespace decoder_sequence_detail

EIGENFORMER_INLINE std::unique_ptr<DecoderRun> DecoderSequence::start(TokenFlow input) const {
  std::vector<std::unique_ptr<DecoderRun>> runs;
  for (const auto& step : steps_) {
    if (input == TokenFlow::joined && !step->takes_parts()) {
      runs.push_back(std::make_unique<decoder_sequence_detail::CollectRun>());
      input = TokenFlow::tokens;
    }
    runs.push_back(step->start(input));
    input = step->output(input);
  }
  return std::make_unique<decoder_sequence_detail::SequenceRun>(std::move(runs));
}

EIGENFORMER_INLINE bool DecoderSequence::takes_parts() const { return steps_.empty() || steps_.front()->takes_parts(); }

EIGENFORMER_INLINE TokenFlow DecoderSequence::output(TokenFlow input) const {
  for (const auto& step : steps_) {
    if (input == TokenFlow::joined && !step->takes_parts()) input = TokenFlow::tokens;
    input = step->output(input);
  }
  return input;
}

EIGENFORMER_INLINE void DecoderSequence::spell(std::string& token, TokenFlow flow) const {
  for (const auto& step : steps_) {
    if (flow == TokenFlow::joined) {
      step->spell_joined(token);
    } else {
      step->spell(token);
    }
    flow = step->output(flow);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
