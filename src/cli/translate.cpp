// eigenformer translate MODEL and summarize MODEL: a line of text in, a line out.
#include "eigenformer/tasks/translate.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/generation_options.hpp"
#include "cli/output.hpp"
#include "cli/task_options.hpp"
#include "eigenformer/tasks/summarize.hpp"

namespace cli {

namespace {

struct WritingCommand : TaskOptions {
  GenerationFlags flags;
  std::string from, to;
  std::optional<std::string> prefix;

  ef::GenerateOptions generation(const ef::Model& model) const {
    return with_flags(ef::generation_options(model, {}, {.seed = common.seed}), flags);
  }
};

using Texts = std::vector<std::string_view>;

/// A line for each: as JSON, or as it is but for its newlines.
void put(std::string text, const WritingCommand& command) {
  if (command.common.json || command.form.json_lines) return write_json(text);
  std::replace(text.begin(), text.end(), '\n', ' ');
  write_line(text);
}

void for_each_line(const WritingCommand& command, const std::string& name,
                   const std::function<std::vector<std::string>(const Texts&)>& results_of) {
  results_of({});  // a model of another kind is told before the first line
  LineForm form = command.form;
  form.at_once = 1;  // an answer is written when it is there
  for_each_group(form, name,
                 [&](const std::vector<InputTexts>& lines) { put(results_of(texts_of(lines)).front(), command); });
}

void translate(const WritingCommand& command) {
  const ef::Model model = open_model(command.common);
  const ef::TranslateOptions options{.from = command.from,
                                     .to = command.to,
                                     .long_text = command.long_text(),
                                     .generation = command.generation(model),
                                     .unsaid = ef::UnsaidOptions::defaults};
  for_each_line(command, "translate", [&](const Texts& texts) { return ef::translate(model, texts, options); });
}

void summarize(const WritingCommand& command) {
  const ef::Model model = open_model(command.common);
  const ef::SummarizeOptions options{.prefix = command.prefix,
                                     .long_text = command.long_text(),
                                     .generation = command.generation(model),
                                     .unsaid = ef::UnsaidOptions::defaults};
  for_each_line(command, "summarize", [&](const Texts& texts) { return ef::summarize(model, texts, options); });
}

CLI::App* add_writing_command(CLI::App& app, const char* name, const char* help, WritingCommand& options) {
  CLI::App* command = app.add_subcommand(name, help);
  add_truncate(*command, options);
  add_generation_options(*command, options.flags);
  return command;
}

}  // namespace

void add_translate(CLI::App& app, Action& action) {
  const auto options = std::make_shared<WritingCommand>();
  CLI::App* command = add_writing_command(app, "translate", "lines in one language in, in another one out", *options);
  command->add_option("--from", options->from, "the language of the text: a code or an English name")
      ->type_name("LANGUAGE");
  command->add_option("--to", options->to, "the language to translate into")->type_name("LANGUAGE");
  add_task_options(*command, *options);
  command->callback([options, &action] { action = [options] { translate(*options); }; });
}

void add_summarize(CLI::App& app, Action& action) {
  const auto options = std::make_shared<WritingCommand>();
  CLI::App* command = add_writing_command(app, "summarize", "lines of text in, their summaries out", *options);
  command->add_option("--prefix", options->prefix, "what is put before each text, in place of what the model asks for")
      ->type_name("TEXT");
  add_task_options(*command, *options);
  command->callback([options, &action] { action = [options] { summarize(*options); }; });
}

}  // namespace cli
