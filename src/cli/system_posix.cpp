#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "cli/system.hpp"

namespace cli {

namespace {

std::atomic<void (*)()> interrupt_handle{nullptr};
static_assert(std::atomic<void (*)()>::is_always_lock_free);
struct sigaction action_before = {};

}  // namespace

extern "C" {
static void on_interrupt(int) {
  if (void (*handle)() = interrupt_handle.load()) handle();
}
}

SystemStreams::SystemStreams() = default;
SystemStreams::~SystemStreams() = default;

std::vector<std::string> command_arguments(int argc, char** argv) {
  return argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

bool is_terminal(StandardStream stream) {
  return isatty(stream == StandardStream::input ? STDIN_FILENO : STDERR_FILENO) == 1;
}

bool is_input_waiting() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) > 0;
}

std::optional<std::size_t> read_input(std::span<char> out) {
  ssize_t count = 0;
  do {
    count = read(STDIN_FILENO, out.data(), out.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return std::nullopt;
  return static_cast<std::size_t>(count);
}

void catch_interrupts(void (*handle)()) {
  interrupt_handle.store(handle);
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;  // what is being written is written
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &action_before);
}

void release_interrupts() {
  sigaction(SIGINT, &action_before, nullptr);
  interrupt_handle.store(nullptr);
}

std::tm local_time(std::time_t time) {
  std::tm local = {};
  localtime_r(&time, &local);
  return local;
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident_pages = 0;
  if (!(file >> pages >> resident_pages)) return 0;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace cli
