// What cli.md describes and later versions bring: known by name, so that the refusal can say so.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/common_options.hpp"

namespace cli {

/// An option of a later version, and what to do until then.
struct LaterOption {
  std::string names;
  std::string remedy;
};

/// Adds options, hidden from the help, that are refused by name (UsageError "usage.not_yet").
void add_later_options(CLI::App& command, const std::vector<LaterOption>& options);

/// Adds the commands of later versions, hidden from the help; whatever follows them is refused by their name.
void add_later_commands(CLI::App& app, Action& action);

/// --json-schema, --grammar, --regex.
std::vector<LaterOption> constraint_options();

}  // namespace cli
