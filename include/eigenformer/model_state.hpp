// What a Model handle points to: for the library's own rooms (generate, chat, tasks), not for users.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generation_defaults.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/nn/network.hpp"
#include "eigenformer/nn/session.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct SentenceModules;

/// What a model knows about text; read without its weights where that is all that is wanted (loading.hpp).
struct TextParts {
  std::optional<Tokenizer> tokenizer;
  std::optional<ErrorReport> tokenizer_error;  ///< why there is no tokenizer
  std::optional<std::string> chat_template;
};

/// What an encoder-decoder has beside its decoder.
struct SourcePrograms {
  nn::Program encoder;             ///< ProgramRole::encoder
  nn::Program source_keys;         ///< ProgramRole::source_keys
  nn::CacheLayout encoder_layout;  ///< f32: it is kept for one step
  nn::CacheLayout source_layout;   ///< of what `source_keys` fills
};

struct ModelState : TextParts {
  ModelInfo info;
  std::unique_ptr<const nn::Network> network;
  nn::Program program;                   ///< ProgramRole::main, without probes
  std::optional<SourcePrograms> source;  ///< of an encoder-decoder
  const kernels::KernelTable* kernels = nullptr;
  std::shared_ptr<Executor> executor;
  nn::CacheLayout cache_layout;
  std::optional<std::string> generation_config;        ///< generation_config.json
  std::optional<std::string> older_generation_config;  ///< config.json of a folder without the former
  std::vector<TokenId> end_tokens;
  GenerationDefaults generation_defaults;
  std::shared_ptr<const SentenceModules>
      sentence_modules;                       ///< of a folder of sentence-transformers (sentence_modules.hpp)
  std::optional<ErrorReport> sentence_error;  ///< why they are not there, though the folder names some
  bool scores_are_logits = false;             ///< what a cross-encoder's config says of its output (tasks/rerank.hpp)
  bool is_told_task_by_prefix = false;        ///< whether "summarize: " before a text says what to do
  bool joins_turns_by_end_token = false;      ///< how its kind chats where there is no template

  nn::Runner runner() const { return {&program, kernels, executor.get()}; }
  /// A program with the probes that `watching` names; `exact` is filled in.
  nn::Program record(nn::ProgramRole role, nn::RecorderOptions watching = {}) const;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
