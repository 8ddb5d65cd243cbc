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
std::vector<std::string> reversed_arguments(int argc, char** argv) {
  const std::map<std::string, std::string> texts = {
      {"-p", "--prompt"},       {"--prompt", "--prompt"}, {"--stop", "--stop"},
      {"--system", "--system"}, {"--query", "--query"},   {"--source", "--source"},
      {"--target", "--target"}, {"--prefix", "--prefix"}, {"--ban", "--ban"}};
  std::vector<std::string> arguments;
  for (int index = 1; index < argc; ++index) {
    const auto text = texts.find(argv[index]);
    if (text != texts.end() && index + 1 < argc && argv[index + 1][0] == '-') {
      arguments.push_back(text->second + "=" + argv[++index]);
    } else {
      arguments.emplace_back(argv[index]);
    }
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

/// CLI11 would only say that a command is missing.
void check_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  const auto is_named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (!app.get_subcommands(is_named).empty()) return;
  throw ef::UsageError({.id = "usage.command_line",
                        .expected = "a command of eigenformer",
                        .found = "'" + std::string(argv[1]) + "'",
                        .where = "",
                        .remedy = "see eigenformer --help for the commands"});
}

/// Reads the command line. A status where the program is at its end: help was shown, or nothing can be done.
std::optional<int> parse(CLI::App& app, int argc, char** argv) {
  try {
    check_command(app, argc, argv);
    app.parse(reversed_arguments(argc, argv));
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

int run(int argc, char** argv) {
  CLI::App app("Transformer models on this machine's processor", "eigenformer");
  app.set_version_flag("--version", "eigenformer " + program_version());
  app.require_subcommand(1);
  Action action;
  add_commands(app, action);
  if (const std::optional<int> status = parse(app, argc, argv)) return *status;
  action();
  return 0;
}

}  // namespace

}  // namespace cli

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");  // what the line editor reads by; numbers stay as they are in C
  std::ios::sync_with_stdio(false);
  const eigenformer::Result<int> status = eigenformer::attempt([&] { return cli::run(argc, argv); });
  if (status.ok()) return eigenformer::Result<int>(status).value();
  cli::print_error(status.error());
  return cli::k_failure;
}
