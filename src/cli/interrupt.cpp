#include "cli/interrupt.hpp"

#include <atomic>
#include <utility>

#include "cli/system.hpp"

namespace cli {

namespace {

/// What the handler turns. A signal handler may touch lock-free atomics and nothing else.
std::atomic<const eigenformer::CancelToken*> interrupted{nullptr};
static_assert(std::atomic<const eigenformer::CancelToken*>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

CancelOnInterrupt::CancelOnInterrupt(eigenformer::CancelToken token) : token_(std::move(token)) {
  interrupted.store(&token_);
  catch_interrupts([] {
    if (const eigenformer::CancelToken* cancelled = interrupted.load()) cancelled->cancel();
  });
}

CancelOnInterrupt::~CancelOnInterrupt() {
  release_interrupts();
  interrupted.store(nullptr);
}

}  // namespace cli
