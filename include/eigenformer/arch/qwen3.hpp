// Qwen3, the dense models.
// Paper: https://arxiv.org/abs/2505.09388
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/qwen3/modeling_qwen3.py
// Held against transformers on tests/golden/qwen3 (folders) and tests/golden/gguf/qwen3.
// Differs from qwen2 in: norms of each head of q and k, a head_dim of its own, biases only where the config says so.
#pragma once

#include <memory>

#include "eigenformer/arch/qwen2.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::qwen3 {

inline llama::Config read_config(const Checkpoint& checkpoint) {
  const format::ConfigReader& config = checkpoint.config;
  llama::Config c =
      llama::Config::read(checkpoint, {.num_key_value_heads = 32, .head_dim = 128, .max_position_embeddings = 32768});
  c.query_bias = c.output_bias = static_cast<nn::Bias>(config.flag_or("attention_bias", false));
  c.normalizes_heads = true;
  c.windows = qwen2::read_windows(config, c.num_hidden_layers);
  return c;
}

inline Architecture architecture() {
  Architecture qwen3 =
      llama::relative({.name = "qwen3", .hugging_face_class = "Qwen3ForCausalLM", .gguf_name = "qwen3"});
  qwen3.make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
    return std::make_unique<const llama::ForCausalLM>(checkpoint, read_config(checkpoint));
  };
  return qwen3;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::qwen3
