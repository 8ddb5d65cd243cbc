// Many texts through one model: as ragged batches of rows, without padding, and with the same bits as each text alone.
// What the tasks of encoders share; for the library's own rooms.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// A text as a model reads it.
struct TextInput {
  std::span<const TokenId> ids;
  std::span<const std::int32_t> type_ids = {};  ///< the segment of each token; empty: all 0
  /// Tokens whose outputs are wanted, ascending; empty: every one. Heads compute these alone; what a model computes for
  /// every token in any case ("last_hidden_state") has a row for each.
  std::span<const std::uint32_t> wanted_tokens = {};

  /// The ids and segments of an encoding, which must outlive the input. Models without segments get none.
  static TextInput of(const Encoding& encoding, const Model& model) {
    TextInput input{.ids = encoding.ids};
    if (model.info().token_types > 0) input.type_ids = encoding.type_ids;
    return input;
  }
};

struct TextBatchOptions {
  /// Rows of a step. A text is never split: one that has more is a step of its own.
  std::size_t step_rows = 512;
  /// Outputs and probes that are wanted, by name; empty: every output. Rows that none of them needs are not computed.
  std::vector<std::string> outputs = {};
  /// The program recorded with probes, for a task that needs hidden states of a model whose head hides them; null: the
  /// model's own.
  const nn::Program* program = nullptr;
  const std::atomic<bool>* cancel = nullptr;  ///< looked at between layers; CancelledError "cancelled.task"
};

/// What a model made of one text, by the names of ModelHead. Valid during the call that gets it.
class TextOutputs {
 public:
  /// Which of the texts it is.
  std::size_t text() const noexcept { return text_; }
  bool has(const std::string& name) const { return views_.contains(name); }
  /// [tokens, width], [wanted tokens, width], or [1, width] of what is about the whole text. UsageError
  /// "usage.no_such_output" where the model has none of that name.
  ConstMatrixView operator[](const std::string& name) const;

  /// For run_texts.
  TextOutputs(std::size_t text, std::map<std::string, ConstMatrixView> views) : text_(text), views_(std::move(views)) {}

 private:
  std::size_t text_;
  std::map<std::string, ConstMatrixView> views_;
};

using TextOutputsCallback = std::function<void(const TextOutputs& outputs)>;

/// Runs texts through the model, several in a step, and hands the outputs of each to `use`, in the order of the texts.
/// Of an encoder-decoder it is the encoder that reads them. Every text is checked before the first is computed.
///
/// Throws UsageError "usage.prompt_empty", "usage.prompt_too_long", "usage.token_id", "usage.token_types",
/// "usage.no_such_output", CancelledError "cancelled.task", and what `use` throws.
void run_texts(const Model& model, std::span<const TextInput> texts, const TextBatchOptions& options,
               const TextOutputsCallback& use);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/text_batch-inl.hpp"
#endif
