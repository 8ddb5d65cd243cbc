#include "cli/interrupt.hpp"

#include <atomic>
#include <utility>

namespace cli {

namespace {

/// What the handler turns. A signal handler may touch lock-free atomics and nothing else.
std::atomic<const eigenformer::CancelToken*> interrupted{nullptr};
static_assert(std::atomic<const eigenformer::CancelToken*>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

extern "C" {
static void cancel_on_signal(int) {
  if (const eigenformer::CancelToken* token = interrupted.load()) token->cancel();
}
}

CancelOnInterrupt::CancelOnInterrupt(eigenformer::CancelToken token) : token_(std::move(token)) {
  interrupted.store(&token_);
  struct sigaction action = {};
  action.sa_handler = cancel_on_signal;
  action.sa_flags = SA_RESTART;  // what is being written is written
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_);
}

CancelOnInterrupt::~CancelOnInterrupt() {
  sigaction(SIGINT, &before_, nullptr);
  interrupted.store(nullptr);
}

}  // namespace cli
