// eigenformer attention MODEL -p TEXT --out heat.html: what each head of each layer looks at, as a page.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/attention_page.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "eigenformer/format/file.hpp"
#include "eigenformer/forward.hpp"

namespace cli {

namespace {

/// Weights on a page: what a browser shows without trouble (22 MB of page).
constexpr std::size_t k_most_weights = std::size_t{1} << 23U;
/// Tokens of a text: more rows and columns than that are no picture.
constexpr std::size_t k_most_tokens = 1024;
constexpr std::size_t k_text_limit_bytes = 1U << 20U;

struct AttentionOptions {
  CommonOptions common;
  std::optional<std::string> text;
  std::string out;
};

/// Rows and columns of the largest map that the page takes from this model.
std::size_t most_tokens(const ef::ModelInfo& info) {
  const std::size_t maps = std::max<std::size_t>(info.layers * info.heads, 1);
  const std::size_t pairs = k_most_weights / maps * (info.kind == ef::ModelKind::decoder ? 2 : 1);
  const auto side = static_cast<std::size_t>(std::sqrt(static_cast<double>(pairs)));
  return std::clamp<std::size_t>(side, 1, k_most_tokens);
}

void check_length(const ef::ModelInfo& info, std::size_t tokens) {
  const std::size_t most = most_tokens(info);
  if (tokens <= most || tokens > info.context_length) return;  // forward() refuses what the model cannot take
  throw ef::UsageError({.id = "usage.page_too_large",
                        .expected = "at most " + std::to_string(most) + " tokens for a page with the " +
                                    std::to_string(info.layers * info.heads) + " maps of this model",
                        .found = std::to_string(tokens),
                        .where = "the text",
                        .remedy = "shorten it, or write the maps into a file by logits --attentions"});
}

/// The part of the text that a token stands for; for a token that stands for none, its name.
std::vector<ShownToken> shown_tokens(const ef::Tokenizer& tokenizer, std::string_view text,
                                     const ef::Encoding& encoding) {
  std::vector<ShownToken> tokens;
  for (std::size_t index = 0; index < encoding.ids.size(); ++index) {
    const ef::ByteSpan span = encoding.offsets[index];
    const ef::TokenId id = encoding.ids[index];
    const std::string part(text.substr(span.begin, span.size()));
    tokens.push_back({.text = part.empty() ? tokenizer.token(id) : part, .id = id});
  }
  return tokens;
}

/// "attentions.0", "attentions.1", ...
std::vector<const ef::Tensor*> layers_of(const std::map<std::string, ef::Tensor>& results, const std::string& name) {
  std::vector<const ef::Tensor*> layers;
  for (auto found = results.find(name + ".0"); found != results.end();
       found = results.find(name + "." + std::to_string(layers.size()))) {
    layers.push_back(&found->second);
  }
  return layers;
}

/// The last part of the path that a model was loaded from.
std::string short_name(const std::filesystem::path& source) {
  return ef::format::path_text(source.has_filename() ? source.filename() : source.parent_path().filename());
}

void attention(const AttentionOptions& options) {
  const ef::Model model = open_model(options.common);
  const std::string text = options.text ? *options.text : read_all(std::cin, "standard input", k_text_limit_bytes);
  const ef::Encoding encoding = model.tokenizer().encode_with_offsets(text);
  check_length(model.info(), encoding.ids.size());
  const std::map<std::string, ef::Tensor> results = ef::forward(model, encoding.ids, {.attentions = true});
  const std::vector<ShownToken> tokens = shown_tokens(model.tokenizer(), text, encoding);
  const AttentionMaps maps{.name = model.info().kind == ef::ModelKind::decoder ? "decoder" : "encoder",
                           .rows = tokens,
                           .columns = tokens,
                           .layers = layers_of(results, "attentions")};
  const std::string page = attention_page(short_name(model.info().source), {maps});
  ef::format::write_file(options.out, {std::as_bytes(std::span(page))});
  if (options.common.json) {
    write_json({{"out", options.out},
                {"maps", {{{"name", maps.name}, {"layers", maps.layers.size()}, {"tokens", tokens.size()}}}},
                {"bytes", page.size()}});
  }
}

}  // namespace

void add_attention(CLI::App& app, Action& action) {
  const auto options = std::make_shared<AttentionOptions>();
  CLI::App* command = app.add_subcommand("attention", "what each head looks at, as a page of HTML");
  add_model_argument(*command, options->common)->required();
  command->add_option("-p,--prompt", options->text, "the text; standard input if not given")->type_name("TEXT");
  command->add_option("--out", options->out, "the page to write")->type_name("FILE.html")->required();
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { attention(*options); }; });
}

}  // namespace cli
