#include "cli/errors.hpp"

#include <algorithm>
#include <iostream>

#include "eigenformer/core/config.hpp"

namespace cli {

namespace {

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

std::string program_version() {
  return std::to_string(EIGENFORMER_VERSION_MAJOR) + "." + std::to_string(EIGENFORMER_VERSION_MINOR) + "." +
         std::to_string(EIGENFORMER_VERSION_PATCH);
}

void print_error(const ef::ErrorReport& report) { std::cerr << one_line(report.line()) << '\n'; }

void print_note(std::string_view note) { std::cerr << one_line(std::string(note)) << '\n'; }

ef::ErrorReport usage_report(const CLI::ParseError& error) {
  ef::ErrorReport report{.kind = ef::ErrorKind::usage,
                         .id = "usage.command_line",
                         .expected = "a command line that eigenformer --help describes",
                         .found = error.what(),
                         .where = "",
                         .remedy = "see eigenformer --help, or eigenformer COMMAND --help"};
  return report;
}

void refuse_not_yet(const std::string& what, const std::string& remedy) {
  throw ef::UsageError({.id = "usage.not_yet",
                        .expected = "what version " + program_version() + " can do",
                        .found = what + ", which a later version brings",
                        .where = "",
                        .remedy = remedy});
}

}  // namespace cli
