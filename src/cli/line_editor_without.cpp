// Where libedit is not installed.
#include "cli/line_editor.hpp"
#include "cli/system.hpp"

namespace cli {

std::unique_ptr<LineEditor> make_line_editor(const std::string& prompt) {
  return make_plain_line_editor(is_terminal(StandardStream::input) ? prompt : "");
}

}  // namespace cli
