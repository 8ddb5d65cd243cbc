// How the program fails: one line `error[ID]: ...` on standard error.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "eigenformer/error.hpp"

namespace cli {

namespace ef = eigenformer;

/// Exit statuses.
inline constexpr int k_failure = 1;      ///< the command could not do its work
inline constexpr int k_wrong_usage = 2;  ///< the command line is not one of this program

/// "0.1.0"
std::string program_version();

/// Prints the report as one line, control characters replaced: a hostile file's name must not drive a terminal.
void print_error(const ef::ErrorReport& report);

/// A line on standard error that is no failure.
void print_note(std::string_view note);

/// What CLI11 found wrong with the command line, as an error of ours.
ef::ErrorReport usage_report(const CLI::ParseError& error);

/// Throws UsageError "usage.not_yet": the command line is right, this version cannot do it.
[[noreturn]] void refuse_not_yet(const std::string& what, const std::string& remedy);

}  // namespace cli
