// Lines that a person types: with editing and history on a terminal, plainly from a pipe.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace cli {

class LineEditor {
 public:
  virtual ~LineEditor() = default;
  /// The next line without its end; none at the end of the input (Ctrl-D on an empty line). Ctrl-C clears the line.
  virtual std::optional<std::string> read() = 0;
};

/// Reads standard input and shows `prompt` where that is a terminal.
std::unique_ptr<LineEditor> make_line_editor(const std::string& prompt);

/// Without editing: what pipes get, and terminals where the program was built without libedit.
std::unique_ptr<LineEditor> make_plain_line_editor(const std::string& prompt);

}  // namespace cli
