#include "tests/hostile/watch.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

// Of AddressSanitizer and UndefinedBehaviorSanitizer, where the program is built with one of them.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace eigenformer_tests::hostile {

namespace {

char current_name[256];  // plain memory: it is read when the program is in ruins

void print_name() { std::fprintf(stderr, "This happened with: %s\n", current_name); }

}  // namespace

Watch::Watch() : thread_([this] { run(); }) {
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(print_name);
}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watch::begin(std::string name) {
  const std::lock_guard lock(mutex_);
  std::snprintf(current_name, sizeof(current_name), "%s", name.c_str());
  ++begun_;
}

void Watch::run() {
  std::unique_lock lock(mutex_);
  for (std::size_t seen = begun_; !over_; seen = begun_) {
    changed_.wait_for(lock, std::chrono::minutes(1), [&] { return over_; });
    if (over_ || begun_ != seen || begun_ == 0) continue;
    std::fprintf(stderr, "a minute was not enough\n");
    print_name();
    std::_Exit(1);
  }
}

}  // namespace eigenformer_tests::hostile
