// The vector of a whole text by the summary_* keys of Hugging Face configs (`SequenceSummary` in transformers), which
// models that have no pooler use.
#pragma once

#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/nn/activation_name.hpp"
#include "eigenformer/nn/encoder_head.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// What a model's configuration class in transformers has where config.json says nothing.
struct SummaryDefaults {
  std::string_view type;        ///< summary_type
  std::string_view activation;  ///< summary_activation
};

/// Claims `summary.weight` [hidden, hidden] and `summary.bias` of w, "sequence_summary", where summary_use_proj asks
/// for the layer. The row of cls_index is the caller's to name, and the last one where nobody does, as here.
/// ConfigError "config.value" for a summary of all rows (mean, attn), and where summary_proj_to_labels makes the vector
/// as wide as the labels.
/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/electra/modeling_electra.py
inline SequenceSummary read_sequence_summary(const format::ConfigReader& config, const WeightScope& w,
                                             std::size_t hidden_size, const SummaryDefaults& defaults) {
  config.must_be_one_of("summary_type", {"first", "last", "cls_index"},
                        "a summary is one row of the hidden states here");
  config.must_equal("summary_proj_to_labels", false, "the layer that follows the summary takes the hidden size");
  SequenceSummary summary;
  summary.row = config.text_or("summary_type", defaults.type) == "first" ? OutputRows::first : OutputRows::last;
  if (config.flag_or("summary_use_proj", true))
    summary.dense = Linear(w / "summary", {hidden_size, hidden_size}, Bias::yes);
  const std::string activation = config.text_or("summary_activation", defaults.activation);
  const bool is_linear = config.is_null("summary_activation") || activation.empty();
  if (!is_linear) summary.activation = read_activation(config, "summary_activation", defaults.activation);
  return summary;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
