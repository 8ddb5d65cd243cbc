#include <iostream>

#include "cli/input_lines.hpp"
#include "cli/line_editor.hpp"

namespace cli {

namespace {

class PlainLineEditor final : public LineEditor {
 public:
  explicit PlainLineEditor(const std::string& prompt) : prompt_(prompt) {}

  std::optional<std::string> read() override {
    std::cout << prompt_ << std::flush;
    return read_line(std::cin);
  }

 private:
  std::string prompt_;
};

}  // namespace

std::unique_ptr<LineEditor> make_plain_line_editor(const std::string& prompt) {
  return std::make_unique<PlainLineEditor>(prompt);
}

}  // namespace cli
