// Mistral 7B and its successors up to Mistral Small and Nemo.
// Paper: https://arxiv.org/abs/2310.06825
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/mistral/modeling_mistral.py
//
// Held against transformers on tests/golden/mistral (folders) and tests/golden/gguf/mistral3.
// Differs from llama in: every layer may see only the last tokens. llama.cpp's converter writes these models as
// "llama", without their window, and those whose config is Mistral 3's as "mistral3".
#pragma once

#include <cstdint>
#include <memory>

#include "eigenformer/arch/llama.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::mistral {

inline llama::Config read_config(const Checkpoint& checkpoint) {
  const format::ConfigReader& config = checkpoint.config;
  llama::Config c = llama::Config::read(checkpoint, {.num_key_value_heads = 8, .max_position_embeddings = 131072});
  c.interleaves_gguf_heads = true;
  const bool has_window = checkpoint.kind == FileKind::hugging_face && !config.is_null("sliding_window");
  if (has_window) {
    const auto window = static_cast<std::uint32_t>(config.integer_or("sliding_window", 4096, format::k_size_range));
    c.windows.assign(c.num_hidden_layers, window);
  }
  return c;
}

inline Architecture architecture() {
  Architecture mistral =
      llama::relative({.name = "mistral", .hugging_face_class = "MistralForCausalLM", .gguf_name = "mistral3"});
  mistral.make = [](const Checkpoint& checkpoint) -> std::unique_ptr<const nn::Network> {
    return std::make_unique<const llama::ForCausalLM>(checkpoint, read_config(checkpoint));
  };
  return mistral;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::mistral
