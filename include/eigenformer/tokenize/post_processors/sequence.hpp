// One post-processor after the other.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/post_processors/post_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class PostProcessorSequence final : public PostProcessor {
 public:
  explicit PostProcessorSequence(std::vector<std::unique_ptr<const PostProcessor>> steps) : steps_(std::move(steps)) {}

  bool trims() const override {
    return std::any_of(steps_.begin(), steps_.end(), [](const auto& step) { return step->trims(); });
  }
  void trim(const TokenWindow& window) const override {
    for (const auto& step : steps_) step->trim(window);
  }
  std::size_t arranges() const override {
    std::size_t count = 0;
    for (const auto& step : steps_) count += step->arranges();
    return count;
  }
  void arrange(Layout& layout) const override {
    for (const auto& step : steps_) step->arrange(layout);
  }

 private:
  std::vector<std::unique_ptr<const PostProcessor>> steps_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
