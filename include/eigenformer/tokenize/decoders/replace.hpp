// One text in the place of another, in each token.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class ReplaceDecoder final : public EachTokenDecoder {
 public:
  ReplaceDecoder(std::unique_ptr<const Pattern> sought, std::string instead)
      : sought_(std::move(sought)), instead_(std::move(instead)) {}

  void decode(std::string& token, TokenPlace) const override {
    if (token.empty()) return;
    std::vector<PatternPart> parts;
    sought_->find(token, parts);
    std::string result;
    for (const PatternPart& part : parts) {
      if (part.matched) {
        result += instead_;
      } else {
        result.append(token, part.begin, part.end - part.begin);
      }
    }
    token = std::move(result);
  }

 private:
  std::unique_ptr<const Pattern> sought_;
  std::string instead_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
