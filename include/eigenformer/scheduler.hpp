// Many requests at once: each with options of its own, computed side by side. A light header.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/text_piece.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace generation {
class RequestState;
class SchedulerState;
}  // namespace generation

/// A shared handle to what was submitted: copies are the same request, and it goes on without any. Its text may be read
/// between two steps, by the thread that makes them; cancel() is for any thread.
class Request {
 public:
  /// Whether it is over: finished, cancelled or failed.
  bool finished() const noexcept;
  /// What it has come to, one result for each sequence, bit for bit what generate() alone returns; the error of a
  /// request that failed; of one that is not over, UsageError "usage.request_running".
  Result<std::vector<GeneratedSequence>> result() const;
  /// The text of a sequence until now, valid until the next step; empty where there is no such sequence.
  std::string_view text(std::size_t sequence = 0) const noexcept;
  /// What has been added to the text of the first sequence since the last call.
  std::string take_text();
  /// Stops it within about a layer's time. What was said until then stands; the others of the step that is computed do
  /// it again with the next one.
  void cancel() const noexcept;

  /// For the library's own rooms.
  explicit Request(std::shared_ptr<generation::RequestState> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<generation::RequestState> state_;
  std::size_t taken_ = 0;
};

struct SchedulerOptions {
  /// Tokens that one step computes, about: what is decoded goes first, and the rest (a quarter at least) goes to
  /// prompts, so that a long prompt takes several steps and stops nobody. 1 to 65536.
  std::size_t rows_per_step = 256;
  std::size_t most_at_once = 1024;  ///< requests in one step; others wait for their turn, in order; 1 to 65536
};

/// Makes all requests of a model advance together, in one ragged batch. Requests join and leave at any step:
///
///     Scheduler scheduler(model);
///     Request guard = scheduler.submit("Who goes there?", {.seed = 1});
///     Request smith = scheduler.submit("What does a sword cost?", {.temperature = 0.8, .seed = 2});
///     while (scheduler.step()) show(guard.take_text(), smith.take_text());
///
/// A request never sees its company: its result depends on its prompt, options and seed alone. One that fails takes no
/// other with it. Not for two threads at a time; any number of schedulers share a model.
class Scheduler {
 public:
  /// Throws UsageError "usage.option_range".
  explicit Scheduler(const Model& model, const SchedulerOptions& options = {});
  static Result<Scheduler> try_make(const Model& model, const SchedulerOptions& options = {});
  Scheduler(Scheduler&&) noexcept;
  Scheduler& operator=(Scheduler&&) noexcept;
  /// Requests that are not over are cancelled.
  ~Scheduler();

  /// Takes a request in; it joins with the next step. Of its options, prefill_chunk does not count here. Throws what
  /// generate() throws for such arguments; the other requests are as they were.
  Request submit(std::string_view prompt, const GenerateOptions& options = {}, TextCallback on_text = {});
  Request submit(std::span<const TokenId> prompt, const GenerateOptions& options = {}, TextCallback on_text = {});
  Result<Request> try_submit(std::string_view prompt, const GenerateOptions& options = {}, TextCallback on_text = {});
  Result<Request> try_submit(std::span<const TokenId> prompt, const GenerateOptions& options = {},
                             TextCallback on_text = {});

  /// Computes one step of the requests that are there: for each that is past its prompt at least one token, unless one
  /// of them is cancelled meanwhile. Whether any is left that is not over. What goes wrong is the error of the request
  /// it belongs to. Throws std::bad_alloc.
  bool step();
  Result<bool> try_step();
  /// Steps until all requests are over. Throws std::bad_alloc.
  void run();
  Result<void> try_run();

  /// Requests that are not over.
  std::size_t size() const noexcept;

  /// For the library's own rooms.
  generation::SchedulerState& state() noexcept { return *state_; }

 private:
  std::unique_ptr<generation::SchedulerState> state_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/scheduler-inl.hpp"
#endif
