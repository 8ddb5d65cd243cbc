// Lines of standard input: as many at once as have arrived, so that a full pipe is worked in batches and a person at a
// terminal is answered line by line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Throws UsageError "usage.input_line".
[[noreturn]] void refuse_line(std::size_t number, const std::string& expected, const std::string& command);

/// The JSON value that a line of standard input is.
nlohmann::json parse_line(const std::string& line, std::size_t number);

struct InputForm {
  std::string command;      ///< for messages
  bool json_lines = false;  ///< each line is a JSON string, which may hold newlines
};

/// Lines that are worked on at once, where so many are there.
inline constexpr std::size_t k_lines_at_once = 256;

class InputLines {
 public:
  explicit InputLines(InputForm form) : form_(std::move(form)) {}

  /// At least one text and at most `most`; empty at the end of the input. SystemError "system.input", UsageError
  /// "usage.input_line".
  std::vector<std::string> next(std::size_t most);

 private:
  std::optional<std::string> line();
  bool is_waiting() const;
  bool fill();
  std::string text(std::string line);

  InputForm form_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is left of the buffer
  std::size_t number_ = 0;
  bool is_at_end_ = false;
};

}  // namespace cli
