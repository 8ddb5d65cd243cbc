// eigenformer generate MODEL --ids 1,2,3: token ids in, sequences of ids and scores out. Needs no tokenizer.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/generation_options.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/sequences.hpp"

namespace cli {

namespace {

/// Far more than any generation_config.json has.
constexpr std::size_t k_config_limit_bytes = 1U << 20U;

struct GenerateCommandOptions {
  CommonOptions common;
  GenerationFlags flags;
  std::vector<ef::TokenId> ids;
  std::string config;
};

std::string comma_separated(const std::vector<ef::TokenId>& ids) {
  std::string text;
  for (const ef::TokenId id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

void generate(const GenerateCommandOptions& options) {
  ef::GenerationConfig config;
  if (!options.config.empty()) config = {read_file(options.config, k_config_limit_bytes), options.config};
  const ef::Model model = open_model(options.common);
  ef::GenerateOptions generation = ef::generation_options(model, config);
  generation.seed = options.common.seed;
  generation = with_flags(generation, options.flags);
  const std::vector<ef::GeneratedSequence> sequences = ef::generate(model, options.ids, generation);
  if (options.common.json) return write_json({{"sequences", sequences_json(sequences, WithText::no)}});
  for (const ef::GeneratedSequence& sequence : sequences) write_line(comma_separated(sequence.ids));
}

}  // namespace

void add_generate(CLI::App& app, Action& action) {
  const auto options = std::make_shared<GenerateCommandOptions>();
  CLI::App* command = app.add_subcommand("generate", "continue token ids; needs no tokenizer");
  add_model_argument(*command, options->common)->required();
  const auto read_ids = [options](const std::string& text) { options->ids = parse_ids("--ids", text); };
  command->add_option_function<std::string>("--ids", read_ids, "the prompt: 1,2,3")->type_name("IDS")->required();
  command
      ->add_option("--generation-config", options->config,
                   "a JSON file with keys of generation_config.json, in place of the model's own")
      ->type_name("FILE");
  add_generation_options(*command, options->flags);
  add_sequences_option(*command, options->flags);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { generate(*options); }; });
}

}  // namespace cli
