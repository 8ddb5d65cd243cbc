// eigenformer answer MODEL --context F: a question a line in, answers out of the context out, as JSON.
#include "eigenformer/tasks/answer.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/task_options.hpp"

namespace cli {

using nlohmann::ordered_json;

namespace {

constexpr std::size_t k_context_limit_bytes = 256U << 20U;

struct AnswerCommand : TaskOptions {
  ef::AnswerOptions answer;
  std::string context;
};

void answer(const AnswerCommand& command) {
  const ef::Model model = open_model(command.common);
  const std::string context = read_file(command.context, k_context_limit_bytes);
  const auto results_of = [&](const std::vector<InputTexts>& lines) {
    std::vector<ef::Question> questions;
    for (const InputTexts& line : lines) questions.push_back({.question = line.first, .context = context});
    return ef::answer(model, questions, command.answer);
  };
  results_of({});  // a model of another kind is told before the first line
  for_each_group(command.form, "answer", [&](const std::vector<InputTexts>& lines) {
    for (const std::vector<ef::Answer>& answers : results_of(lines)) {
      ordered_json result = ordered_json::array();
      for (const ef::Answer& one : answers) {
        ordered_json object = {{"answer", one.text}, {"score", one.score}};
        put_span(object, one.characters, one.bytes);
        result.push_back(std::move(object));
      }
      write_json(result);
    }
  });
}

void refuse_standard_input(const std::string& file) {
  if (file != "-") return;
  throw ef::UsageError({.id = "usage.option_value",
                        .expected = "a file: standard input has the questions",
                        .found = "'-'",
                        .where = "--context",
                        .remedy = "name the file that holds the text"});
}

}  // namespace

void add_answer(CLI::App& app, Action& action) {
  const auto options = std::make_shared<AnswerCommand>();
  CLI::App* command = app.add_subcommand("answer", "questions in, answers with spans and scores out, as JSON");
  const WholeRange count{1, 1U << 24U};
  const auto read_context = [options](const std::string& file) {
    refuse_standard_input(file);
    options->context = file;
  };
  command->add_option_function<std::string>("--context", read_context, "the text that holds the answers")
      ->type_name("FILE")
      ->required();
  add_whole(*command, {"--top-k", "the N best answers (1)"}, options->answer.top_k, count);
  add_whole(*command, {"--max-answer-length", "tokens of an answer at most (15)"}, options->answer.max_answer_length,
            count);
  command->add_flag("--impossible", options->answer.may_be_impossible,
                    "an empty text is an answer, too: there is none");
  add_whole(*command, {"--max-length", "tokens of a window (384, or the model's context)"}, options->answer.max_length,
            count);
  add_whole(*command, {"--stride", "tokens that a window repeats from the one before it (128, or half a window)"},
            options->answer.stride, {0, 1U << 24U});
  add_task_options(*command, *options);
  command->callback([options, &action] { action = [options] { answer(*options); }; });
}

}  // namespace cli
