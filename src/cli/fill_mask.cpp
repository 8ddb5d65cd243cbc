// eigenformer fill-mask MODEL: a line of text with mask tokens in, for each of them what may stand there out, as JSON.
#include "eigenformer/tasks/fill_mask.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/task_options.hpp"

namespace cli {

using nlohmann::ordered_json;

namespace {

struct FillMaskCommand : TaskOptions {
  ef::FillMaskOptions fill;
};

/// A list for each mask token.
ordered_json shown(const std::vector<std::vector<ef::MaskCandidate>>& masks) {
  ordered_json result = ordered_json::array();
  for (const std::vector<ef::MaskCandidate>& candidates : masks) {
    ordered_json list = ordered_json::array();
    for (const ef::MaskCandidate& one : candidates) {
      list.push_back({{"token", one.token}, {"text", one.text}, {"score", one.probability}, {"sequence", one.filled}});
    }
    result.push_back(std::move(list));
  }
  return result;
}

void fill_mask(const FillMaskCommand& command) {
  const ef::Model model = open_model(command.common);
  ef::FillMaskOptions options = command.fill;
  options.long_text = command.long_text();
  const auto results_of = [&](const std::vector<std::string_view>& texts) {
    return ef::fill_mask(model, texts, options);
  };
  results_of({});  // a model of another kind is told before the first line
  for_each_group(command.form, "fill-mask", [&](const std::vector<InputTexts>& lines) {
    for (const auto& masks : results_of(texts_of(lines))) write_json(shown(masks));
  });
}

}  // namespace

void add_fill_mask(CLI::App& app, Action& action) {
  const auto options = std::make_shared<FillMaskCommand>();
  CLI::App* command = app.add_subcommand("fill-mask", "lines with mask tokens in, words for them out, as JSON");
  add_whole(*command, {"--top-k", "the N best words (5)"}, options->fill.top_k, {1, 1U << 24U});
  command->add_option("--target", options->fill.targets, "only these words; of one that is no token, its first token")
      ->type_name("WORD");
  add_truncate(*command, *options);
  add_task_options(*command, *options);
  command->callback([options, &action] { action = [options] { fill_mask(*options); }; });
}

}  // namespace cli
