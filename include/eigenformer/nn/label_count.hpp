// How many labels a classifier has, by the keys that Hugging Face configs use.
#pragma once

#include <cstddef>
#include <optional>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/config_reader.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// The entries of "id2label", else "num_labels", else the config class's default.
/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/configuration_utils.py (__post_init__)
inline std::size_t read_label_count(const format::ConfigReader& config, std::size_t otherwise = 2) {
  const std::optional<std::size_t> named = config.entry_count("id2label");
  if (named == 0) config.refuse("id2label", "at least one label", "name the labels of the classifier");
  const std::int64_t labels =
      config.integer_or("num_labels", static_cast<std::int64_t>(named.value_or(otherwise)), format::k_size_range);
  if (named && *named != static_cast<std::size_t>(labels)) {
    config.refuse("num_labels", std::to_string(*named) + ", as many as id2label has entries", "check the config");
  }
  return static_cast<std::size_t>(labels);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
