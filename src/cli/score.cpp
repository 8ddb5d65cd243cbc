// eigenformer score MODEL: the log-probability of each line.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/input_lines.hpp"
#include "cli/output.hpp"
#include "eigenformer/tasks.hpp"

namespace cli {

namespace {

using nlohmann::ordered_json;

struct ScoreCommand {
  CommonOptions common;
  ef::ScoreOptions score;
  bool json_lines = false;
  std::string source;
};

ordered_json score_json(const ef::Tokenizer& tokenizer, const std::string& text, const ef::TextScore& score) {
  ordered_json tokens = ordered_json::array();
  for (std::size_t index = 0; index < score.tokens.size(); ++index) {
    const ef::TokenId id = score.tokens[index];
    tokens.push_back(
        {{"id", id}, {"token", tokenizer.token(id)}, {"log_probability", score.token_log_probabilities[index]}});
  }
  return {{"text", text}, {"log_probability", score.log_probability}, {"mean", score.mean()}, {"tokens", tokens}};
}

std::vector<ef::TextScore> scores_of(const ef::Model& model, const ScoreCommand& options,
                                     const std::vector<std::string>& texts) {
  if (model.info().kind != ef::ModelKind::encoder_decoder) return ef::score(model, texts, options.score);
  std::vector<ef::TextScore> scores;
  for (const std::string& text : texts) {
    scores.push_back(ef::score(model, {.source = options.source, .target = text}, options.score));
  }
  return scores;
}

void check_source(const ef::Model& model, const ScoreCommand& options) {
  const bool reads_source = model.info().kind == ef::ModelKind::encoder_decoder;
  if (reads_source != options.source.empty()) return;
  throw ef::UsageError({.id = "usage.score_source",
                        .expected = reads_source ? "--source TEXT: an encoder-decoder scores what it makes of a source"
                                                 : "no --source: " + model.info().architecture + " reads none",
                        .found = reads_source ? "none" : "one",
                        .where = "",
                        .remedy = reads_source ? "pass the text that the lines were made of" : "leave the option out"});
}

void score(const ScoreCommand& options) {
  const ef::Model model = open_model(options.common);
  check_source(model, options);
  scores_of(model, options, {});  // a model of another kind is told before the first line
  InputLines lines({.command = "score", .json_lines = options.json_lines});
  lines.for_each_group([&](const std::vector<std::string>& texts) {
    const std::vector<ef::TextScore> scores = scores_of(model, options, texts);
    for (std::size_t text = 0; text < texts.size(); ++text) {
      if (options.common.json) {
        write_json(score_json(model.tokenizer(), texts[text], scores[text]));
      } else {
        write_line(fixed(scores[text].log_probability, 6));
      }
    }
  });
}

}  // namespace

void add_score(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ScoreCommand>();
  CLI::App* command = app.add_subcommand("score", "lines of text in, their log-probabilities out");
  add_model_argument(*command, options->common)->required();
  command->add_option("--source", options->source, "of an encoder-decoder: the text that the lines were made of")
      ->type_name("TEXT");
  command->add_option("--to", options->score.target_language, "the language of the lines, for translation models")
      ->type_name("LANGUAGE");
  command->add_flag_callback(
      "--no-special", [options] { options->score.add_special_tokens = false; }, "add no special tokens");
  command->add_flag("--json-lines", options->json_lines, "each line of text is a JSON string, which may hold newlines");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { score(*options); }; });
}

}  // namespace cli
