// eigenformer classify MODEL: a line of text in, its labels with their scores out, as JSON.
#include "eigenformer/tasks/classify.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/task_options.hpp"
#include "cli/words.hpp"

namespace cli {

using nlohmann::ordered_json;

namespace {

struct ClassifyCommand : TaskOptions {
  ef::ClassifyOptions classify;

  ef::ClassifyOptions options() const {
    ef::ClassifyOptions options = classify;
    options.long_text = long_text();
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
  add_whole(*command, {"--top-k", "only the N best labels (all)"}, options->classify.top_k, {1, 1U << 24U});
  add_words<ef::ScoreFunction>(*command,
                               {.option = "--function",
                                .known = {{"softmax", ef::ScoreFunction::softmax},
                                          {"sigmoid", ef::ScoreFunction::sigmoid},
                                          {"none", ef::ScoreFunction::none}}},
                               "what makes scores of logits (as the model says)",
                               [options](ef::ScoreFunction function) { options->classify.function = function; });
  add_pairs(*command, *options);
  add_truncate(*command, *options);
  add_task_options(*command, *options);
  command->callback([options, &action] { action = [options] { classify(*options); }; });
}

}  // namespace cli
