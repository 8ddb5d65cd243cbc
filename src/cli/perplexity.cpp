// eigenformer perplexity MODEL FILE: how well a model foresees a text.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/numbers.hpp"
#include "cli/output.hpp"
#include "eigenformer/forward.hpp"

namespace cli {

namespace {

constexpr std::size_t k_file_limit_bytes = 1U << 30U;

struct PerplexityOptions {
  CommonOptions common;
  std::string file;
  std::size_t window = 0;  // 0: 512, or the model's context where that is shorter
};

void perplexity(const PerplexityOptions& options) {
  const std::string text = read_file(options.file, k_file_limit_bytes);
  const ef::Model model = open_model(options.common);
  const std::vector<ef::TokenId> ids = model.tokenizer().encode(text);
  const std::size_t window =
      options.window != 0 ? options.window : std::min<std::size_t>(512, model.info().context_length);
  const double value = ef::perplexity(model, ids, window);
  if (options.common.json) {
    return write_json({{"perplexity", value}, {"tokens", ids.size()}, {"window", window}});
  }
  write_line(fixed(value, 4));
}

}  // namespace

void add_perplexity(CLI::App& app, Action& action) {
  const auto options = std::make_shared<PerplexityOptions>();
  CLI::App* command = app.add_subcommand("perplexity", "how well a model foresees a text; lower is better");
  add_model_argument(*command, options->common)->required();
  command->add_option("FILE", options->file, "the text; -: standard input")->type_name("")->required();
  add_whole(*command, {"--window", "tokens of a window; windows do not overlap (512, or the context)"}, options->window,
            {2, 1ULL << 31});
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { perplexity(*options); }; });
}

}  // namespace cli
