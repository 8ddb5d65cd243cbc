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
#include "eigenformer/generate.hpp"

namespace cli {

namespace {

/// Weights on a page: what a browser shows without trouble (22 MB of page).
constexpr std::size_t k_most_weights = std::size_t{1} << 23U;
/// Tokens of a text: more rows and columns than that are no picture.
constexpr std::size_t k_most_tokens = 1024;
constexpr std::size_t k_text_limit_bytes = 1U << 20U;

/// New tokens of an answer that nobody gave: as much as one reads at a glance.
constexpr std::size_t k_most_answer_tokens = 64;

struct AttentionOptions {
  CommonOptions common;
  std::optional<std::string> text;
  std::optional<std::string> target;
  std::string out;
};

/// The maps of a page: how many there are, and how many weights each needs for a text of n tokens, in units of n * n.
struct PageSize {
  std::size_t maps;
  double weights;
};

PageSize page_size(const ef::ModelInfo& info) {
  const std::size_t maps = info.layers * info.heads;
  switch (info.kind) {
    case ef::ModelKind::decoder: return {maps, 0.5 * static_cast<double>(maps)};
    case ef::ModelKind::encoder: return {maps, static_cast<double>(maps)};
    case ef::ModelKind::encoder_decoder: break;
  }
  const std::size_t encoder_maps = info.encoder_layers * info.encoder_heads;
  return {encoder_maps + 2 * maps, static_cast<double>(encoder_maps) + 1.5 * static_cast<double>(maps)};
}

/// Rows and columns of the largest map that the page takes from this model.
std::size_t most_tokens(const ef::ModelInfo& info) {
  const double side = std::sqrt(static_cast<double>(k_most_weights) / std::max(page_size(info).weights, 1.0));
  return std::clamp<std::size_t>(static_cast<std::size_t>(side), 1, k_most_tokens);
}

void check_length(const ef::ModelInfo& info, std::size_t tokens, const char* where) {
  const std::size_t most = most_tokens(info);
  if (tokens <= most || tokens > info.context_length) return;  // forward() refuses what the model cannot take
  throw ef::UsageError({.id = "usage.page_too_large",
                        .expected = "at most " + std::to_string(most) + " tokens for a page with the " +
                                    std::to_string(page_size(info).maps) + " maps of this model",
                        .found = std::to_string(tokens),
                        .where = where,
                        .remedy = "shorten it, or write the maps into a file by logits --attentions"});
}

/// Tokens in the order in which the model reads them, and how they are shown.
struct ReadText {
  std::vector<ef::TokenId> ids;
  std::vector<ShownToken> shown;

  void add(ef::TokenId id, const std::string& text) {
    ids.push_back(id);
    shown.push_back({.text = text, .id = id});
  }
};

/// Each token with the part of the text that it stands for; one that stands for none with its name.
void add_text(ReadText& read, const ef::Tokenizer& tokenizer, std::string_view text, const ef::Encoding& encoding) {
  for (std::size_t index = 0; index < encoding.ids.size(); ++index) {
    const ef::ByteSpan span = encoding.offsets[index];
    const std::string part(text.substr(span.begin, span.size()));
    read.add(encoding.ids[index], part.empty() ? tokenizer.token(encoding.ids[index]) : part);
  }
}

ReadText source_text(const ef::Model& model, std::string_view text) {
  ReadText read;
  add_text(read, model.tokenizer(), text, model.tokenizer().encode_with_offsets(text));
  check_length(model.info(), read.ids.size(), "the text");
  return read;
}

/// The likeliest answer of an encoder-decoder, without the end token: nothing is predicted from it.
std::vector<ef::TokenId> likeliest_answer(const ef::Model& model, const std::vector<ef::TokenId>& source) {
  const std::size_t most = std::min(k_most_answer_tokens, std::max<std::size_t>(most_tokens(model.info()), 2) - 1);
  const ef::GeneratedSequence answer = ef::generate(model, source, {.max_new_tokens = most}).front();
  std::vector<ef::TokenId> ids = answer.ids;
  if (answer.finish_reason == ef::FinishReason::end_token) ids.pop_back();
  return ids;
}

/// What the decoder of an encoder-decoder reads: its start token, then the text that was given or the likeliest answer.
ReadText target_text(const ef::Model& model, const AttentionOptions& options, const std::vector<ef::TokenId>& source) {
  const ef::Tokenizer& tokenizer = model.tokenizer();
  ReadText read;
  if (const auto& start = model.info().decoder_start_token) read.add(*start, tokenizer.token(*start));
  if (options.target) {
    add_text(read, tokenizer, *options.target,
             tokenizer.encode_with_offsets(*options.target, {.add_special_tokens = false}));
  } else {
    for (const ef::TokenId id : likeliest_answer(model, source)) read.add(id, tokenizer.token(id));
  }
  check_length(model.info(), read.ids.size(), "the decoder's text");
  return read;
}

void check_target(const ef::ModelInfo& info, const AttentionOptions& options) {
  if (!options.target || info.kind == ef::ModelKind::encoder_decoder) return;
  throw ef::UsageError({.id = "usage.no_encoder",
                        .expected = "an encoder-decoder",
                        .found = "the model " + info.architecture + ", which is none",
                        .where = "--target",
                        .remedy = "leave the option out"});
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

/// What a model is called: its .gguf file, or the folder that its weights lie in.
std::string short_name(const std::filesystem::path& source) {
  const bool is_file_of_folder = source.has_filename() && source.extension() != ".gguf";
  const std::filesystem::path named = is_file_of_folder ? source.parent_path() : source;
  return ef::format::path_text(named.filename());
}

/// The maps of one text that looks at itself.
AttentionMaps own_maps(std::string name, const std::map<std::string, ef::Tensor>& results, const std::string& prefix,
                       const ReadText& text) {
  return {.name = std::move(name), .rows = text.shown, .columns = text.shown, .layers = layers_of(results, prefix)};
}

/// Calls `show(maps)` with every kind of map there is.
template <class Show>
void each_maps(const ef::Model& model, const AttentionOptions& options, const ReadText& text, Show&& show) {
  if (model.info().kind != ef::ModelKind::encoder_decoder) {
    const auto results = ef::forward(model, text.ids, {.attentions = true});
    const char* name = model.info().kind == ef::ModelKind::decoder ? "decoder" : "encoder";
    return show({own_maps(name, results, "attentions", text)});
  }
  const ReadText target = target_text(model, options, text.ids);
  const auto results = ef::forward(model, text.ids, {.attentions = true, .decoder_ids = target.ids});
  show(
      {{.name = "cross", .rows = target.shown, .columns = text.shown, .layers = layers_of(results, "cross_attentions")},
       own_maps("encoder", results, "encoder_attentions", text),
       own_maps("decoder", results, "attentions", target)});
}

nlohmann::ordered_json summary(const AttentionMaps& maps) {
  nlohmann::ordered_json json{{"name", maps.name}, {"layers", maps.layers.size()}, {"tokens", maps.rows.size()}};
  if (maps.name == "cross") json["source_tokens"] = maps.columns.size();
  return json;
}

void attention(const AttentionOptions& options) {
  const ef::Model model = open_model(options.common);
  check_target(model.info(), options);
  const std::string text = options.text ? *options.text : read_all(std::cin, "standard input", k_text_limit_bytes);
  const ReadText read = source_text(model, text);
  each_maps(model, options, read, [&](const std::vector<AttentionMaps>& maps) {
    const std::string page = attention_page(short_name(model.info().source), maps);
    ef::format::write_file(options.out, {std::as_bytes(std::span(page))});
    if (!options.common.json) return;
    nlohmann::ordered_json kinds = nlohmann::ordered_json::array();
    for (const AttentionMaps& one : maps) kinds.push_back(summary(one));
    write_json({{"out", options.out}, {"maps", kinds}, {"bytes", page.size()}});
  });
}

}  // namespace

void add_attention(CLI::App& app, Action& action) {
  const auto options = std::make_shared<AttentionOptions>();
  CLI::App* command = app.add_subcommand("attention", "what each head looks at, as a page of HTML");
  add_model_argument(*command, options->common)->required();
  command->add_option("-p,--prompt", options->text, "the text; standard input if not given")->type_name("TEXT");
  command->add_option("--target", options->target, "what an encoder-decoder says; its likeliest answer if not given")
      ->type_name("TEXT");
  command->add_option("--out", options->out, "the page to write")->type_name("FILE.html")->required();
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { attention(*options); }; });
}

}  // namespace cli
