// Several members advance in one step: who brings how many rows to it.
//
// Tokens that somebody waits for go first: every member that is past its prompt brings all of its rows. What is left of
// the step's rows goes to prompts, in the members' order, so that a long prompt takes several steps and stops nobody.
// Which rows share a step changes no bit (docs/numerics.md), so a member never sees its company.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// The logits that a member wanted: `row` is the first of them, the others follow in the order in which it wanted them.
struct WantedLogits {
  const Forward& forward;
  std::size_t row;
};

/// One or more sequences that are written together.
class BatchMember {
 public:
  virtual ~BatchMember() = default;
  /// Whether it wants no more steps.
  virtual bool finished() const noexcept = 0;
  /// Appends its sequences that have pending tokens, each with how many of their logits it wants. `choose` and `tell`
  /// follow, or `withdraw` where the step could not compute all of it.
  virtual void want(std::vector<SequenceStep>& steps) = 0;
  /// Chooses from the logits what comes next, on any thread, while others do. Of the host's it calls processors alone.
  virtual void choose(const WantedLogits& logits) = 0;
  /// Hands its new text to the host, and finishes it where it has come to its end.
  virtual void tell() = 0;
  virtual void withdraw() noexcept = 0;
  /// Finishes it: one of the calls above has thrown, or a step of its own has.
  virtual void fail(std::exception_ptr failure) noexcept = 0;
  /// The switch that stops it; null: none.
  virtual const std::atomic<bool>* cancel_flag() const noexcept = 0;
  /// Finishes it where it is: its switch is turned. Throws what a callback of the host's throws.
  virtual void stop() = 0;
};

class RaggedBatch {
 public:
  /// A step has about `rows` rows; at least 1. `model` outlives it.
  RaggedBatch(const ModelState& model, std::size_t rows);

  /// One step of all members that are not finished. A member whose part fails is told so; the others go on. A switch
  /// that is turned meanwhile ends the step before its next phase and finishes its member; the others have computed
  /// nothing then, or passes of their prompts, and do this step with the next call.
  void step(std::span<BatchMember* const> members);

 private:
  /// What a member wants of the step.
  struct Wish {
    BatchMember* member;
    std::vector<SequenceStep> steps;
    bool is_whole = true;             ///< whether all of it is computed
    std::size_t row = 0;              ///< of the logits
    std::exception_ptr failure = {};  ///< why it could not choose

    std::size_t rows() const noexcept;
    std::size_t outputs() const noexcept;
  };

  void collect(std::span<BatchMember* const> members);
  void share_rows();
  void cut(Wish& wish, std::size_t rows) const;
  bool compute();
  void hand_out();
  void choose_all();
  void choose(Wish& wish) const noexcept;
  void withdraw() noexcept;
  void stop_cancelled() noexcept;

  Executor& executor_;
  Forward forward_;
  std::size_t rows_;
  bool computes_whole_prompts_;
  std::vector<Wish> wishes_;
  std::vector<SequenceStep> steps_;
  std::vector<const std::atomic<bool>*> cancel_flags_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/ragged_batch-inl.hpp"
#endif
