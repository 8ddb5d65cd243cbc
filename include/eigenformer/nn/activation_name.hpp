// Activations by the names that Hugging Face configs use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Nothing where there is none of that name.
/// https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/activations.py
inline std::optional<kernels::Activation> activation_named(std::string_view name) {
  if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast") return kernels::Activation::gelu_tanh;
  if (name == "gelu") return kernels::Activation::gelu;
  if (name == "relu") return kernels::Activation::relu;
  if (name == "silu" || name == "swish") return kernels::Activation::silu;
  if (name == "tanh") return kernels::Activation::tanh;
  if (name == "sigmoid") return kernels::Activation::sigmoid;
  return std::nullopt;
}

inline kernels::Activation read_activation(const format::ConfigReader& config, std::string_view key,
                                           std::string_view otherwise) {
  if (const auto activation = activation_named(config.text_or(key, otherwise))) return *activation;
  config.refuse(key, "one of gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, silu, swish, tanh, sigmoid",
                "use a checkpoint with one of these activations");
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
