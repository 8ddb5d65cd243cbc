#include <iostream>

#include "cli/line_editor.hpp"

namespace cli {

namespace {

class PlainLineEditor final : public LineEditor {
 public:
  explicit PlainLineEditor(const std::string& prompt) : prompt_(prompt) {}

  std::optional<std::string> read() override {
    std::cout << prompt_ << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }

 private:
  std::string prompt_;
};

}  // namespace

std::unique_ptr<LineEditor> make_plain_line_editor(const std::string& prompt) {
  return std::make_unique<PlainLineEditor>(prompt);
}

}  // namespace cli
