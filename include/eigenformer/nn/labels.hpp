// What the labels of a classifier are called, and what its numbers mean, by the keys that Hugging Face configs use.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/problem_type.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/nn/label_count.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// The texts of "id2label", whose keys are 0 to n - 1; else "LABEL_0", "LABEL_1" and so on, as transformers calls them.
/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/configuration_utils.py (num_labels)
inline std::vector<std::string> read_labels(const format::ConfigReader& config) {
  const std::size_t count = read_label_count(config);
  const bool are_named = config.has("id2label");
  const format::ConfigReader names = config.object("id2label");
  std::vector<std::string> labels;
  for (std::size_t index = 0; index < count; ++index) {
    labels.push_back(are_named ? names.text(std::to_string(index)) : "LABEL_" + std::to_string(index));
  }
  return labels;
}

/// "problem_type", which many configs leave out.
inline ProblemType read_problem_type(const format::ConfigReader& config) {
  config.must_be_one_of("problem_type", {"regression", "single_label_classification", "multi_label_classification"},
                        "no other kind of problem is known");
  const std::string type = config.text_or("problem_type", "");
  if (type == "regression") return ProblemType::regression;
  if (type == "single_label_classification") return ProblemType::single_label;
  return type == "multi_label_classification" ? ProblemType::multi_label : ProblemType::unspecified;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
