#include "cli/input_lines.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "cli/system.hpp"
#include "eigenformer/format/json.hpp"

namespace cli {

namespace {

/// A line longer than this is an error and no memory trouble.
constexpr std::uint64_t k_line_limit_bytes = 256U << 20U;

std::string line_name(std::size_t number) { return "standard input, line " + std::to_string(number); }

/// Windows ends lines with one before the newline.
void remove_carriage_return(std::string& line) {
  if (line.ends_with('\r')) line.pop_back();
}

}  // namespace

std::optional<std::string> read_line(std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  remove_carriage_return(line);
  return line;
}

void refuse_line(std::size_t number, const std::string& expected, const std::string& command) {
  throw ef::UsageError({.id = "usage.input_line",
                        .expected = expected,
                        .found = "something else",
                        .where = line_name(number),
                        .remedy = "see eigenformer " + command + " --help"});
}

ef::format::Json parse_line(const std::string& line, std::size_t number) {
  try {
    return ef::format::parse_json(line, line_name(number), {.bytes = k_line_limit_bytes});
  } catch (const ef::FormatError& error) {
    ef::ErrorReport report = error.report();
    report.remedy = "correct this line";  // nobody downloaded it
    ef::raise(report);
  }
}

void raise_at_line(ef::ErrorReport report, std::size_t number) {
  if (report.where.empty() || report.where == "text 0" || report.where == "prompt") report.where = line_name(number);
  ef::raise(report);
}

/// Whether reading goes on at once: a line is in the buffer, or the other side has written or gone.
bool InputLines::is_waiting() const {
  if (buffer_.find('\n', begin_) != std::string::npos) return true;
  return !is_at_end_ && is_input_waiting();
}

/// Reads more, waiting for it; false at the end.
bool InputLines::fill() {
  buffer_.erase(0, std::exchange(begin_, 0));
  const std::size_t before = buffer_.size();
  if (before > k_line_limit_bytes) refuse_line(number_ + 1, "a line of at most 256 MiB", form_.command);
  buffer_.resize(before + (std::size_t{1} << 16U));
  const std::optional<std::size_t> count = read_input(std::span(buffer_).subspan(before));
  buffer_.resize(before + count.value_or(0));
  if (count) return *count > 0;
  throw ef::SystemError({.id = "system.input",
                         .expected = "lines on standard input",
                         .found = "an error of the system",
                         .where = "standard input",
                         .remedy = "check where the input comes from"});
}

std::optional<std::string> InputLines::line() {
  std::size_t end = buffer_.find('\n', begin_);
  while (end == std::string::npos && !is_at_end_) {
    const std::size_t seen = buffer_.size() - begin_;
    is_at_end_ = !fill();
    end = buffer_.find('\n', seen);
  }
  if (end == std::string::npos && begin_ == buffer_.size()) return std::nullopt;
  end = std::min(end, buffer_.size());
  std::string found = buffer_.substr(begin_, end - begin_);
  remove_carriage_return(found);
  begin_ = std::min(end + 1, buffer_.size());
  ++number_;
  return found;
}

std::string InputLines::text(std::string line, std::size_t number) const {
  if (!form_.json_lines) return line;
  const ef::format::Json value = parse_line(line, number);
  if (!value.is_text()) refuse_line(number, "a JSON string", form_.command);
  return value.text();
}

std::vector<std::string> InputLines::next(std::size_t most) {
  std::vector<std::string> lines;
  while (lines.size() < most && (lines.empty() || is_waiting())) {
    std::optional<std::string> one = line();
    if (!one) break;
    lines.push_back(std::move(*one));
  }
  return lines;
}

void InputLines::for_each_group(const std::function<void(const std::vector<std::string>&)>& use) {
  for (;;) {
    const std::size_t first = number_ + 1;
    std::vector<std::string> lines = next(k_lines_at_once);
    if (lines.empty()) return;
    use_read_lines<std::string>(
        std::move(lines), first, [this](std::string line, std::size_t number) { return text(std::move(line), number); },
        use);
  }
}

}  // namespace cli
