// The program `eigenformer`: reads the command line, does one command, fails in one line.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <clocale>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/errors.hpp"
#include "cli/later.hpp"
#include "cli/system.hpp"
#include "eigenformer/core/attempt.hpp"

namespace cli {

namespace {

void add_commands(CLI::App& app, Action& action) {
  add_chat(app, action);
  add_run(app, action);
  add_generate(app, action);
  add_logits(app, action);
  add_tokenize(app, action);
  add_template(app, action);
  add_classify(app, action);
  add_tag(app, action);
  add_answer(app, action);
  add_fill_mask(app, action);
  add_next_sentence(app, action);
  add_translate(app, action);
  add_summarize(app, action);
  add_perplexity(app, action);
  add_inspect(app, action);
  add_embed(app, action);
  add_score(app, action);
  add_rerank(app, action);
  add_attention(app, action);
  add_bench(app, action);
  add_later_commands(app, action);
}

/// The arguments, last one first, as CLI11 takes them. A text that begins with a hyphen (-p "-hello") would be taken
/// for an option: it is joined to its own.
std::vector<std::string> reversed_arguments(const std::vector<std::string>& given) {
  const std::map<std::string, std::string> texts = {
      {"-p", "--prompt"},       {"--prompt", "--prompt"}, {"--stop", "--stop"},
      {"--system", "--system"}, {"--query", "--query"},   {"--source", "--source"},
      {"--target", "--target"}, {"--prefix", "--prefix"}, {"--ban", "--ban"}};
  std::vector<std::string> arguments;
  for (std::size_t index = 0; index < given.size(); ++index) {
    const auto text = texts.find(given[index]);
    if (text != texts.end() && index + 1 < given.size() && given[index + 1].starts_with('-')) {
      arguments.push_back(text->second + "=" + given[++index]);
    } else {
      arguments.push_back(given[index]);
    }
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

/// CLI11 would only say that a command is missing.
void check_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with('-')) return;
  const auto is_named = [&](const CLI::App* command) { return command->get_name() == arguments[0]; };
  if (!app.get_subcommands(is_named).empty()) return;
  throw ef::UsageError({.id = "usage.command_line",
                        .expected = "a command of eigenformer",
                        .found = "'" + arguments[0] + "'",
                        .where = "",
                        .remedy = "see eigenformer --help for the commands"});
}

/// Reads the command line. A status where the program is at its end: help was shown, or nothing can be done.
std::optional<int> parse(CLI::App& app, const std::vector<std::string>& arguments) {
  try {
    check_command(app, arguments);
    app.parse(reversed_arguments(arguments));
    return std::nullopt;
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    print_error(usage_report(error));
  } catch (const ef::Error& error) {
    print_error(error.report());
    if (error.id() == "usage.not_yet") return k_failure;
  }
  return k_wrong_usage;
}

int run(const std::vector<std::string>& arguments) {
  CLI::App app("Transformer models on this machine's processor", "eigenformer");
  app.set_version_flag("--version", "eigenformer " + program_version());
  app.require_subcommand(1);
  app.allow_windows_style_options(false);  // "/home" is a path there, too
  Action action;
  add_commands(app, action);
  if (const std::optional<int> status = parse(app, arguments)) return *status;
  action();
  return 0;
}

}  // namespace

}  // namespace cli

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");  // what the line editor reads by; numbers stay as they are in C
  std::ios::sync_with_stdio(false);
  const cli::SystemStreams streams;
  const eigenformer::Result<int> status =
      eigenformer::attempt([&] { return cli::run(cli::command_arguments(argc, argv)); });
  if (status.ok()) return eigenformer::Result<int>(status).value();
  cli::print_error(status.error());
  return cli::k_failure;
}
