// What a Model handle points to: for the library's own rooms (generate, chat, tasks), not for users.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/nn/network.hpp"
#include "eigenformer/nn/session.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What a model knows about text; read without its weights where that is all that is wanted (loading.hpp).
struct TextParts {
  std::optional<Tokenizer> tokenizer;
  std::optional<ErrorReport> tokenizer_error;  ///< why there is no tokenizer
  std::optional<std::string> chat_template;
};

struct ModelState : TextParts {
  ModelInfo info;
  std::unique_ptr<const nn::Network> network;
  nn::Program program;  ///< ProgramRole::main, without probes
  const kernels::KernelTable* kernels = nullptr;
  std::shared_ptr<Executor> executor;
  nn::CacheLayout cache_layout;
  std::optional<std::string> generation_config;
  std::vector<TokenId> end_tokens;
  bool joins_turns_by_end_token = false;  ///< how its kind chats where there is no template

  nn::Runner runner() const { return {&program, kernels, executor.get()}; }
  /// The main program with the probes that `keep` names, for sequences of at most `watched_slots` tokens.
  nn::Program record(const std::function<bool(std::string_view)>& keep, std::size_t watched_slots) const;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
