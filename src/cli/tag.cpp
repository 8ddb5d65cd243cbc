// eigenformer tag MODEL: a line of text in, its entities (or the label of each token) out, as JSON.
#include "eigenformer/tasks/tag.hpp"

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

struct TagCommand : TaskOptions {
  ef::Aggregation aggregation = ef::Aggregation::simple;
  std::vector<std::string> ignored;
  std::optional<std::size_t> stride;

  ef::TagOptions options() const {
    ef::TagOptions options{.aggregation = aggregation, .long_text = long_text(), .stride = stride};
    if (!ignored.empty()) options.ignored_labels = ignored;
    return options;
  }
};

ordered_json shown(const ef::Tag& tag, const TagCommand& command) {
  ordered_json object = {{"label", tag.label}, {"score", tag.score}, {"text", tag.text}};
  put_span(object, tag.characters, tag.bytes);
  if (command.aggregation == ef::Aggregation::none) object["token"] = tag.token;
  return object;
}

void tag(const TagCommand& command) {
  const ef::Model model = open_model(command.common);
  const auto results_of = [&](const std::vector<std::string_view>& texts) {
    return ef::tag(model, texts, command.options());
  };
  results_of({});  // a model of another kind is told before the first line
  for_each_group(command.form, "tag", [&](const std::vector<InputTexts>& lines) {
    for (const std::vector<ef::Tag>& tags : results_of(texts_of(lines))) {
      ordered_json result = ordered_json::array();
      for (const ef::Tag& one : tags) result.push_back(shown(one, command));
      write_json(result);
    }
  });
}

}  // namespace

void add_tag(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TagCommand>();
  CLI::App* command =
      app.add_subcommand("tag", "lines of text in, entities with labels, spans and scores out, as JSON");
  add_words<ef::Aggregation>(*command,
                             {.option = "--aggregation",
                              .known = {{"none", ef::Aggregation::none},
                                        {"simple", ef::Aggregation::simple},
                                        {"first", ef::Aggregation::first},
                                        {"average", ef::Aggregation::average},
                                        {"max", ef::Aggregation::max}}},
                             "how tokens become entities (simple)",
                             [options](ef::Aggregation aggregation) { options->aggregation = aggregation; });
  command->add_option("--ignore", options->ignored, "labels to leave out (O)")->type_name("LABEL");
  CLI::Option* cut = add_truncate(*command, *options);
  add_whole(*command, {"--stride", "read long texts in windows that repeat N tokens of the one before"},
            options->stride, {0, 1U << 24U})
      ->excludes(cut);
  add_task_options(*command, *options);
  command->callback([options, &action] { action = [options] { tag(*options); }; });
}

}  // namespace cli
