// The host owns the threads: what it may implement to lend its own job system. A light header.
#pragma once

#include <memory>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A piece of work that is called once for each item 0 .. items - 1. It never throws.
struct Work {
  void (*function)(void* context, unsigned item) noexcept;
  void* context;
  void operator()(unsigned item) const noexcept { function(context, item); }
};

/// Runs the items of a step. The library calls `run` once per step (a decoded token, a chunk of a prompt), once more
/// where several requests choose their tokens after it, and while it loads a model once for each of its matrices.
///
/// Items may run at the same time, one after another, in any order, on any threads: an item that starts late finds less
/// (or nothing) to do, and no item ever waits for one that has not started. So a host that runs them one after another
/// on the calling thread is correct, only slower.
class Executor {
 public:
  virtual ~Executor() = default;
  /// How many items can run at the same time; the library asks for that many.
  virtual unsigned concurrency() const noexcept = 0;
  /// Calls `work(item)` for the items 0 .. items - 1 and returns when every call that was begun has returned. Item 0
  /// must be called; others may be left out where no thread was free before item 0 returned.
  virtual void run(unsigned items, const Work& work) = 0;
};

/// Threads of our own: `threads - 1` of them, which sleep between steps, and the caller. While one thread's step uses
/// them, a step of another thread runs on that thread alone. 0 means one thread for each core.
std::shared_ptr<Executor> make_thread_pool(unsigned threads = 0);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/executor-inl.hpp"
#endif
