// eigenformer rerank MODEL --query Q: how well each line answers a query.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/input_lines.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/words.hpp"
#include "eigenformer/tasks.hpp"

namespace cli {

namespace {

struct RerankCommand {
  CommonOptions common;
  ef::RerankOptions rerank;
  std::string query;
  std::size_t best = 0;  // 0: every line, in its order
  bool json_lines = false;
};

struct ScoredLine {
  std::size_t line;  // counted from 1
  std::string text;
  double score;
};

void show(const RerankCommand& options, const ScoredLine& scored) {
  if (options.common.json) {
    write_json({{"line", scored.line}, {"score", scored.score}, {"text", scored.text}});
  } else if (options.best > 0) {
    write_line(fixed(scored.score, 6) + "\t" + scored.text);
  } else {
    write_line(fixed(scored.score, 6));
  }
}

/// The best lines first; of equals, the earlier.
void show_best(const RerankCommand& options, std::vector<ScoredLine> lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  lines.resize(std::min(lines.size(), options.best));
  for (const ScoredLine& line : lines) show(options, line);
}

void rerank(const RerankCommand& options) {
  const ef::Model model = open_model(options.common);
  const std::vector<std::string> none;
  ef::rerank(model, options.query, none, options.rerank);  // a model of another kind is told before the first line
  InputLines lines({.command = "rerank", .json_lines = options.json_lines});
  std::vector<ScoredLine> all;
  std::size_t number = 0;
  lines.for_each_group([&](const std::vector<std::string>& texts) {
    const std::vector<double> scores = ef::rerank(model, options.query, texts, options.rerank);
    for (std::size_t text = 0; text < texts.size(); ++text) {
      const ScoredLine scored{++number, texts[text], scores[text]};
      if (options.best == 0) {
        show(options, scored);
      } else {
        all.push_back(scored);
      }
    }
  });
  show_best(options, std::move(all));
}

}  // namespace

void add_rerank(CLI::App& app, Action& action) {
  const auto options = std::make_shared<RerankCommand>();
  CLI::App* command = app.add_subcommand("rerank", "lines of text in, scores out: how well each answers a query");
  add_model_argument(*command, options->common)->required();
  command->add_option("--query", options->query, "what the lines are to answer")->type_name("TEXT")->required();
  add_whole(*command, {"--best", "only so many lines, the best first, each behind its score and a tab"}, options->best,
            {1, 1ULL << 31});
  add_words<ef::RerankScore>(
      *command,
      {.option = "--score", .known = {{"logit", ef::RerankScore::logit}, {"sigmoid", ef::RerankScore::sigmoid}}},
      "of a cross-encoder (as the model says, else sigmoid)",
      [options](ef::RerankScore score) { options->rerank.score = score; });
  add_whole(*command, {"--max-length", "tokens of query and line together (the model's limit)"},
            options->rerank.max_length, {1, 1ULL << 31});
  command->add_option("--query-prompt-name", options->rerank.query_prompt_name, "of an embedding model")
      ->type_name("NAME");
  command->add_option("--text-prompt-name", options->rerank.text_prompt_name, "of an embedding model")
      ->type_name("NAME");
  command->add_flag("--json-lines", options->json_lines, "each line of text is a JSON string, which may hold newlines");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { rerank(*options); }; });
}

}  // namespace cli
