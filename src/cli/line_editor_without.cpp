// Where libedit is not installed.
#include <unistd.h>

#include "cli/line_editor.hpp"

namespace cli {

std::unique_ptr<LineEditor> make_line_editor(const std::string& prompt) {
  return make_plain_line_editor(isatty(STDIN_FILENO) == 1 ? prompt : "");
}

}  // namespace cli
