// What an architecture registers: its names, how its tensors and keys are called in each kind of file, how it is made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/format/weight_source.hpp"
#include "eigenformer/nn/network.hpp"
#include "eigenformer/nn/weight_scope.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch {

enum class FileKind : std::uint8_t { hugging_face, gguf };

/// A checkpoint that is being loaded.
struct Checkpoint {
  format::ConfigReader config;
  nn::WeightScope weights;
  FileKind kind = FileKind::hugging_face;
  /// Which of the architecture's classes it is: that of config.json's "architectures", else the first.
  std::string class_name = {};
  std::optional<std::int64_t> vocabulary_size;  ///< of the tokenizer in the same file, for files whose config has none
};

/// One row of the registry.
struct Architecture {
  std::string_view name;  ///< model_type of config.json: "llama"
  std::vector<std::string_view>
      hugging_face_classes;    ///< "architectures" of config.json. The first is meant where it is missing
  std::string_view gguf_name;  ///< general.architecture; empty: not in GGUF files
  format::TensorNaming hugging_face_names;
  format::TensorNaming gguf_names;
  format::GgufKeyMap gguf_keys;
  std::vector<std::string_view> ignorable_tensors;  ///< buffers that checkpoints carry along
  std::unique_ptr<const nn::Network> (*make)(const Checkpoint& checkpoint);
  /// Whether those of its models that chat, but have no template, end every turn with the end token.
  bool joins_turns_by_end_token = false;
  /// Whether its models are told what to do by the first words of a text: "summarize: ".
  bool is_told_task_by_prefix = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch
