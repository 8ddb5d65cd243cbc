// eigenformer classify MODEL: a line of text in, its labels with their scores out, as JSON.
#include "eigenformer/tasks/classify.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/task_options.hpp"

namespace cli {

using nlohmann::ordered_json;

namespace {

struct ClassifyCommand : TaskOptions {
  std::size_t top_k = 0;
  std::string function;

  ef::ClassifyOptions options() const {
    ef::ClassifyOptions options{.top_k = top_k, .long_text = long_text()};
    if (function == "softmax") options.function = ef::ScoreFunction::softmax;
    if (function == "sigmoid") options.function = ef::ScoreFunction::sigmoid;
    if (function == "none") options.function = ef::ScoreFunction::none;
    return options;
  }
};

void classify(const ClassifyCommand& command) {
  const ef::Model model = open_model(command.common);
  const auto results_of = [&](const std::vector<ef::TextPair>& texts) {
    return ef::classify(model, texts, command.options());
  };
  results_of({});  // a model of another kind is told before the first line
  for_each_group(command.form, "classify", [&](const std::vector<InputTexts>& lines) {
    for (const std::vector<ef::LabelScore>& labels : results_of(pairs_of(lines))) {
      ordered_json result = ordered_json::array();
      for (const ef::LabelScore& one : labels) result.push_back({{"label", one.label}, {"score", one.score}});
      write_json(result);
    }
  });
}

}  // namespace

void add_classify(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ClassifyCommand>();
  CLI::App* command = app.add_subcommand("classify", "lines of text in, labels with scores out, as JSON");
  add_whole(*command, {"--top-k", "only the K best labels"}, options->top_k, {1, 1U << 24U});
  command
      ->add_option("--function", options->function,
                   "what makes scores: softmax, sigmoid or none; without it, what the model's config asks for")
      ->check(CLI::IsMember({"softmax", "sigmoid", "none"}));
  add_pairs(*command, *options);
  add_truncate(*command, *options);
  add_task_options(*command, *options);
  command->callback([options, &action] { action = [options] { classify(*options); }; });
}

}  // namespace cli
