// eigenformer next-sentence MODEL: a line with two sentences in, how probably the second follows the first out, as
// JSON.
#include "eigenformer/tasks/next_sentence.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/task_options.hpp"

namespace cli {

namespace {

void next_sentence(const TaskOptions& command) {
  const ef::Model model = open_model(command.common);
  const auto results_of = [&](const std::vector<InputTexts>& lines) {
    std::vector<ef::SentencePair> pairs;
    for (const InputTexts& line : lines) pairs.push_back({.first = line.first, .second = *line.second});
    return ef::next_sentence(model, pairs, {.long_text = command.long_text()});
  };
  results_of({});  // a model of another kind is told before the first line
  for_each_group(command.form, "next-sentence", [&](const std::vector<InputTexts>& lines) {
    for (const double probability : results_of(lines)) write_json({{"score", probability}});
  });
}

}  // namespace

void add_next_sentence(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TaskOptions>();
  options->form.pairs = true;
  CLI::App* command = app.add_subcommand(
      "next-sentence",
      R"(lines ["first sentence", "second sentence"] in, how probably that is their order out, as JSON)");
  add_model_argument(*command, options->common)->required();
  add_truncate(*command, *options);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { next_sentence(*options); }; });
}

}  // namespace cli
