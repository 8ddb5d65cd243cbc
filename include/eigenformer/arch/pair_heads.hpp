// Heads that stand on the decoder of an encoder-decoder which reads its source with both sides: BART's and T5's have
// the same names.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/arch/architecture.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/encoder_head.hpp"
#include "eigenformer/nn/label_count.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::pair_heads {

/// "classification_head": a text's classes are those of the row of its last end token.
inline nn::SequenceHead classification_head(const Checkpoint& checkpoint, std::size_t d_model,
                                            std::size_t documented_labels) {
  const nn::WeightScope head = checkpoint.weights / "classification_head";
  const std::size_t labels = nn::read_label_count(checkpoint.config, documented_labels);
  nn::SequenceHead classes;
  classes.summary.dense = nn::Linear(head / "dense", {d_model, d_model}, nn::Bias::yes);
  classes.summary.activation = nn::Activation::tanh;
  classes.summary.row = nn::OutputRows::end_token;
  classes.classifier = {head / "out_proj", {labels, d_model}, nn::Bias::yes};
  return classes;
}

/// NetworkInfo::end_token of such a network.
inline std::int32_t end_token(const format::ConfigReader& config, std::int64_t documented) {
  return static_cast<std::int32_t>(config.integer_or("eos_token_id", documented, {0, 1 << 30}));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::pair_heads
