// What the program asks of the operating system, with one body for POSIX and one for Windows. Texts are UTF-8.
#pragma once

#include <cstddef>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cli {

/// While it lives, standard streams take and give bytes as they are, and a console that is behind them shows UTF-8.
class SystemStreams {
 public:
  SystemStreams();
  ~SystemStreams();
  SystemStreams(const SystemStreams&) = delete;
  SystemStreams& operator=(const SystemStreams&) = delete;
};

/// The arguments of the command line, the program's name left out.
std::vector<std::string> command_arguments(int argc, char** argv);

enum class StandardStream { input, error };

/// Whether a person sits behind the stream.
bool is_terminal(StandardStream stream);

/// Whether reading standard input returns at once: the other side has written or gone.
bool is_input_waiting();

/// Reads what standard input has, waiting for its first byte; 0 at its end, none where that fails.
std::optional<std::size_t> read_input(std::span<char> out);

/// From now on Ctrl-C calls `handle`, which may touch lock-free atomics and nothing else, and ends nothing.
void catch_interrupts(void (*handle)());
/// Ctrl-C does again what it did before.
void release_interrupts();

/// A time by the clock on the wall.
std::tm local_time(std::time_t time);

/// Bytes of this process that are in memory; 0 where the system does not say.
double resident_bytes();

}  // namespace cli
