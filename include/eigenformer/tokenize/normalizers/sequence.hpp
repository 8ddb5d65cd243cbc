// One normalizer after the other.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class NormalizerSequence final : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<const Normalizer>> steps) : steps_(std::move(steps)) {}
  void normalize(AlignedText& text) const override {
    for (const auto& step : steps_) step->normalize(text);
  }

 private:
  std::vector<std::unique_ptr<const Normalizer>> steps_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
