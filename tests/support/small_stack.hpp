// Runs work on a thread with little stack, as hosts' job systems have.
#pragma once

#include <pthread.h>

#include <exception>
#include <functional>
#include <stdexcept>

namespace eigenformer_tests {

/// Calls `work` on a thread with `bytes` of stack and rethrows what it threw.
inline void on_small_stack(std::size_t bytes, const std::function<void()>& work) {
  struct Job {
    const std::function<void()>& work;
    std::exception_ptr failure;
  } job{work, nullptr};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, bytes);
  pthread_t thread;
  const auto run = [](void* pointer) -> void* {
    auto* mine = static_cast<Job*>(pointer);
    try {
      mine->work();
    } catch (...) {
      mine->failure = std::current_exception();
    }
    return nullptr;
  };
  if (pthread_create(&thread, &attributes, run, &job) != 0) throw std::runtime_error("no thread with a small stack");
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace eigenformer_tests
