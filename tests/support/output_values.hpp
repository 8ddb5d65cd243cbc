// What the hash of a forward pass is made of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"

namespace eigenformer_tests {

/// The values of all results, in the order of their names: of most models, the logits.
inline std::vector<float> output_values(const std::map<std::string, eigenformer::Tensor>& results) {
  std::vector<float> values;
  for (const auto& [name, tensor] : results) values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  return values;
}

}  // namespace eigenformer_tests
