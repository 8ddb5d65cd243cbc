// Lines of standard input: as many at once as have arrived, so that a full pipe is worked in batches and a person at a
// terminal is answered line by line.
#pragma once

#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/format/json_value.hpp"

namespace cli {

namespace ef = eigenformer;

/// The next line of a stream without its end, which is a newline, with a carriage return before it or without; none at
/// the end of the stream.
std::optional<std::string> read_line(std::istream& in);

/// Throws UsageError "usage.input_line".
[[noreturn]] void refuse_line(std::size_t number, const std::string& expected, const std::string& command);

/// The JSON value that a line of standard input is.
ef::format::Json parse_line(const std::string& line, std::size_t number);

/// Throws the error of a text that stood alone, with the line in the place of the text.
[[noreturn]] void raise_at_line(ef::ErrorReport report, std::size_t number);

/// Calls `use` with lines that are worked on together, the first of which has the number `first`. Where that fails,
/// each is tried alone, so that those before the bad one are answered and the error names its line: `use` may write
/// nothing before it has every result.
template <class Line>
void use_lines(const std::vector<Line>& lines, std::size_t first,
               const std::function<void(const std::vector<Line>&)>& use) {
  try {
    return use(lines);
  } catch (const ef::Error& error) {
    if (error.report().kind == ef::ErrorKind::system) throw;
    if (lines.size() == 1) raise_at_line(error.report(), first);
  }
  for (std::size_t index = 0; index < lines.size(); ++index) use_lines<Line>({lines[index]}, first + index, use);
}

/// Makes of each line what it holds, by `read(line, number)`, and calls `use` with all (use_lines). Where a line cannot
/// be read, those before it are used first.
template <class Line>
void use_read_lines(std::vector<std::string> lines, std::size_t first,
                    const std::function<Line(std::string, std::size_t)>& read,
                    const std::function<void(const std::vector<Line>&)>& use) {
  std::vector<Line> group;
  try {
    for (std::string& line : lines) group.push_back(read(std::move(line), first + group.size()));
  } catch (const ef::Error&) {
    if (!group.empty()) use_lines(group, first, use);
    throw;
  }
  use_lines(group, first, use);
}

struct InputForm {
  std::string command;      ///< for messages
  bool json_lines = false;  ///< each line is a JSON string, which may hold newlines
};

/// Lines that are worked on at once, where so many are there.
inline constexpr std::size_t k_lines_at_once = 256;

class InputLines {
 public:
  explicit InputLines(InputForm form) : form_(std::move(form)) {}

  /// Calls `use` with the texts of all lines, as many at once as are there (use_lines).
  void for_each_group(const std::function<void(const std::vector<std::string>&)>& use);

  /// At least one line, as it is, and at most `most`; empty at the end of the input. SystemError "system.input",
  /// UsageError "usage.input_line" for one that is too long.
  std::vector<std::string> next(std::size_t most);

 private:
  std::optional<std::string> line();
  bool is_waiting() const;
  bool fill();
  std::string text(std::string line, std::size_t number) const;

  InputForm form_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is left of the buffer
  std::size_t number_ = 0;
  bool is_at_end_ = false;
};

}  // namespace cli
