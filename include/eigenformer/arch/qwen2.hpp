// Qwen2, and Qwen2.5, which has the same architecture.
// Paper: https://arxiv.org/abs/2407.10671
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/qwen2/modeling_qwen2.py
// Held against transformers on tests/golden/qwen2 (folders) and tests/golden/gguf/qwen2.
// Differs from llama in: biases of q, k and v, layers that may see only the last tokens, rows of q and k as they are in
// GGUF files.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "eigenformer/arch/llama.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/layer_windows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::qwen2 {

/// Windows by layer. Without "layer_types", those from max_window_layers on slide, if use_sliding_window says so.
inline std::vector<std::uint32_t> read_windows(const format::ConfigReader& config, std::size_t layers) {
  const bool uses_windows = config.flag_or("use_sliding_window", false);
  const auto first = static_cast<std::size_t>(config.integer_or("max_window_layers", 28, {0, 1 << 24}));
  const bool has_window = !config.is_null("sliding_window");
  const auto window = static_cast<std::uint32_t>(config.integer_or("sliding_window", 4096, format::k_size_range));
  return nn::read_layer_windows(config, {.layers = layers,
                                         .window = uses_windows && has_window ? window : 0,
                                         .slides = [first](std::size_t layer) { return layer >= first; }});
}

inline llama::Config read_config(const Checkpoint& checkpoint) {
  llama::Config c = llama::Config::read(checkpoint, {.num_key_value_heads = 32, .max_position_embeddings = 32768});
  c.query_bias = nn::Bias::yes;
  c.windows = read_windows(checkpoint.config, c.num_hidden_layers);
  return c;
}

inline Architecture architecture() {
  Architecture qwen2 =
      llama::relative({.name = "qwen2", .hugging_face_class = "Qwen2ForCausalLM", .gguf_name = "qwen2"});
  qwen2.make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
    return std::make_unique<const llama::ForCausalLM>(checkpoint, read_config(checkpoint));
  };
  return qwen2;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::qwen2
