// One pre-tokenizer after the other.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class PreTokenizerSequence final : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::unique_ptr<const PreTokenizer>> steps) : steps_(std::move(steps)) {}
  void split(PreTokenizedText& text) const override {
    for (const auto& step : steps_) {
      text.spell_bytes();
      step->split(text);
    }
  }

 private:
  std::vector<std::unique_ptr<const PreTokenizer>> steps_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
