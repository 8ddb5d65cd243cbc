#include "cli/later.hpp"

#include <utility>

#include "cli/errors.hpp"

namespace cli {

void add_later_options(CLI::App& command, const std::vector<LaterOption>& options) {
  for (const LaterOption& option : options) {
    const auto refuse = [option](const std::vector<std::string>&) { refuse_not_yet(option.names, option.remedy); };
    command.add_option_function<std::vector<std::string>>(option.names, refuse, "")->expected(0, 1)->group("");
  }
}

void add_later_commands(CLI::App& app, Action& action) {
  const std::string remedy = "see eigenformer --help for what this version has";
  const std::pair<const char*, const char*> commands[] = {
      {"transcribe", remedy.c_str()},
      {"serve", "use chat or run on this machine"},
  };
  for (const auto& [name, what_to_do] : commands) {
    CLI::App* command = app.add_subcommand(name, "")->group("")->prefix_command();
    command->set_help_flag();
    command->callback([&action, what = "the command " + std::string(name), todo = std::string(what_to_do)] {
      action = [what, todo] { refuse_not_yet(what, todo); };
    });
  }
}

std::vector<LaterOption> constraint_options() {
  const std::string remedy = "describe the form in the prompt";
  return {{"--json-schema", remedy}, {"--grammar", remedy}, {"--regex", remedy}};
}

}  // namespace cli
