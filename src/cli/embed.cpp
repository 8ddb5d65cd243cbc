// eigenformer embed MODEL: a line of text in, a JSON array of floats out.
#include <memory>

#include "cli/commands.hpp"
#include "cli/input_lines.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "cli/words.hpp"
#include "eigenformer/tasks.hpp"

namespace cli {

namespace {

struct EmbedCommand {
  CommonOptions common;
  ef::EmbedOptions embed;
  bool json_lines = false;
};

void embed(const EmbedCommand& options) {
  const ef::Model model = open_model(options.common);
  ef::embed(model, std::vector<std::string>{}, options.embed);  // a model of another kind is told before the first line
  InputLines lines({.command = "embed", .json_lines = options.json_lines});
  lines.for_each_group([&](const std::vector<std::string>& texts) {
    const auto vectors = ef::embed(model, texts, options.embed);
    for (std::size_t text = 0; text < texts.size(); ++text) {
      const std::string array = float_array(vectors[text]);
      if (!options.common.json) {
        write_line(array);
      } else {
        write_line("{\"text\":" + json_text(texts[text]) + ",\"embedding\":" + array + "}");
      }
    }
  });
}

}  // namespace

void add_embed(CLI::App& app, Action& action) {
  const auto options = std::make_shared<EmbedCommand>();
  CLI::App* command = app.add_subcommand("embed", "lines of text in, JSON arrays of floats out: vectors of meaning");
  add_model_argument(*command, options->common)->required();
  add_words<ef::Pooling>(*command,
                         {.option = "--pooling",
                          .known = {{"mean", ef::Pooling::mean},
                                    {"cls", ef::Pooling::cls},
                                    {"last", ef::Pooling::last},
                                    {"max", ef::Pooling::max}}},
                         "how tokens become one vector (as the model says; else mean, or last for decoders)",
                         [options](ef::Pooling pooling) { options->embed.pooling = pooling; });
  command->add_flag_callback(
      "--normalize", [options] { options->embed.normalize = true; }, "to the length 1, whatever the model says");
  command
      ->add_flag_callback(
          "--no-normalize", [options] { options->embed.normalize = false; }, "as they are, not to the length 1")
      ->excludes("--normalize");
  command->add_flag_callback(
      "--truncate", [options] { options->embed.long_text = ef::LongText::cut; },
      "leave out what a text has too many of (as the model says; else it is an error)");
  add_whole(*command, {"--max-length", "tokens of a text (the model's limit)"}, options->embed.max_length,
            {1, 1ULL << 31});
  command->add_option("--prompt-name", options->embed.prompt_name, "which of the model's prompts goes before each text")
      ->type_name("NAME");
  command
      ->add_option_function<std::string>(
          "--prompt", [options](const std::string& prompt) { options->embed.prompt = prompt; },
          "what goes before each text")
      ->type_name("TEXT");
  command->add_flag("--json-lines", options->json_lines, "each line of text is a JSON string, which may hold newlines");
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { embed(*options); }; });
}

}  // namespace cli
