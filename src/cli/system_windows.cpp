#include "eigenformer/core/windows_calls.hpp"
// What these stand on comes first.
#include <fcntl.h>
#include <io.h>
#include <psapi.h>
#include <shellapi.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <streambuf>
#include <string_view>

#include "cli/system.hpp"

namespace cli {

namespace {

std::string utf8(std::wstring_view text) {
  const int size = static_cast<int>(text.size());
  std::string bytes(text.size() * 3, '\0');  // a unit of UTF-16 becomes three bytes at most
  const int count = WideCharToMultiByte(CP_UTF8, 0, text.data(), size, bytes.data(), static_cast<int>(bytes.size()),
                                        nullptr, nullptr);
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

/// What is typed into a console, which gives UTF-16: the bytes that fit into `out`, at least four. A line ends with a
/// newline alone, and Ctrl-Z at the beginning of a line is the end.
std::optional<std::size_t> read_console(HANDLE console, std::span<char> out) {
  wchar_t units[256];
  const std::size_t room = std::min(std::size(units) - 1, out.size() / 3 - 1);
  DWORD count = 0;
  if (ReadConsoleW(console, units, static_cast<DWORD>(room), &count, nullptr) == 0) return std::nullopt;
  if (count > 0 && units[count - 1] >= 0xD800 && units[count - 1] < 0xDC00) {  // half of a character
    DWORD rest = 0;
    if (ReadConsoleW(console, units + count, 1, &rest, nullptr) != 0) count += rest;
  }
  constexpr wchar_t k_control_z = 26;
  if (count > 0 && units[0] == k_control_z) return 0;
  std::string text = utf8({units, count});
  std::erase(text, '\r');
  return static_cast<std::size_t>(std::copy(text.begin(), text.end(), out.begin()) - out.begin());
}

/// What std::cin reads from, so that it gets what is typed as UTF-8, and bytes as they are from everything else.
class InputBuffer final : public std::streambuf {
 protected:
  int_type underflow() override {
    const std::optional<std::size_t> count = read_input(buffer_);
    if (!count || *count == 0) return traits_type::eof();
    setg(buffer_, buffer_, buffer_ + *count);
    return traits_type::to_int_type(*gptr());
  }

 private:
  char buffer_[4096];
};

/// The modes of the console that were there before.
struct ConsoleState {
  UINT output_code_page = GetConsoleOutputCP();
  std::streambuf* input = nullptr;
};

ConsoleState console_before;
InputBuffer input_buffer;
std::atomic<void (*)()> interrupt_handle{nullptr};

/// Escape sequences on standard error are for the console to understand.
void enable_escape_sequences() {
  const HANDLE error = GetStdHandle(STD_ERROR_HANDLE);
  DWORD mode = 0;
  if (GetConsoleMode(error, &mode) != 0) SetConsoleMode(error, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

BOOL WINAPI on_event(DWORD event) {
  void (*handle)() = interrupt_handle.load();
  if (event != CTRL_C_EVENT || handle == nullptr) return FALSE;
  handle();
  return TRUE;
}

}  // namespace

SystemStreams::SystemStreams() {
  SetConsoleOutputCP(CP_UTF8);
  enable_escape_sequences();
  _setmode(_fileno(stdout), _O_BINARY);
  _setmode(_fileno(stderr), _O_BINARY);
  console_before.input = std::cin.rdbuf(&input_buffer);
}

SystemStreams::~SystemStreams() {
  std::cin.rdbuf(console_before.input);
  if (console_before.output_code_page != 0) SetConsoleOutputCP(console_before.output_code_page);
}

std::vector<std::string> command_arguments(int, char**) {
  int count = 0;
  wchar_t** const wide = CommandLineToArgvW(GetCommandLineW(), &count);
  std::vector<std::string> arguments;
  for (int index = 1; wide != nullptr && index < count; ++index) arguments.push_back(utf8(wide[index]));
  LocalFree(static_cast<void*>(wide));
  return arguments;
}

bool is_terminal(StandardStream stream) {
  DWORD mode = 0;
  return GetConsoleMode(GetStdHandle(stream == StandardStream::input ? STD_INPUT_HANDLE : STD_ERROR_HANDLE), &mode) !=
         0;
}

/// A console never is: its events are not lines, and a person is answered line by line. So is a pipe that cannot be
/// asked, as those from outside of wine.
bool is_input_waiting() {
  const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
  if (GetFileType(input) == FILE_TYPE_DISK) return true;
  if (GetFileType(input) != FILE_TYPE_PIPE) return false;
  DWORD count = 0;
  if (PeekNamedPipe(input, nullptr, 0, nullptr, &count, nullptr) == 0) return GetLastError() == ERROR_BROKEN_PIPE;
  return count > 0;
}

std::optional<std::size_t> read_input(std::span<char> out) {
  const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
  if (is_terminal(StandardStream::input)) return read_console(input, out);
  DWORD count = 0;
  if (ReadFile(input, out.data(), static_cast<DWORD>(out.size()), &count, nullptr) != 0) return count;
  if (GetLastError() == ERROR_BROKEN_PIPE) return 0;  // the other side has closed it
  return std::nullopt;
}

void catch_interrupts(void (*handle)()) {
  interrupt_handle.store(handle);
  SetConsoleCtrlHandler(on_event, TRUE);
}

void release_interrupts() {
  SetConsoleCtrlHandler(on_event, FALSE);
  interrupt_handle.store(nullptr);
}

std::tm local_time(std::time_t time) {
  std::tm local = {};
  localtime_s(&local, &time);
  return local;
}

double resident_bytes() {
  PROCESS_MEMORY_COUNTERS counters = {};
  if (K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters) == 0) return 0;
  return static_cast<double>(counters.WorkingSetSize);
}

}  // namespace cli
