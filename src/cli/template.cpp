// eigenformer template MODEL | --file T.jinja: renders the chat template. Standard input is a JSON object; the prompt
// goes out byte for byte as transformers' apply_chat_template has it. No weights are read.
#include "eigenformer/chat/template/template.hpp"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/date.hpp"
#include "cli/errors.hpp"
#include "cli/output.hpp"
#include "cli/text_model.hpp"

namespace cli {

using nlohmann::ordered_json;
namespace chat = eigenformer::chat;

namespace {

constexpr std::size_t k_input_limit_bytes = 64U << 20U;

struct TemplateOptions {
  CommonOptions common;
  std::string file;
};

/// A template and the special tokens that it may ask for.
struct Source {
  std::string text;
  std::string where;
  std::optional<ef::Tokenizer> tokenizer;
};

Source source_of(const TemplateOptions& options) {
  if (!options.file.empty()) {
    return {.text = read_file(options.file, chat::TemplateLimits{}.source_bytes),
            .where = options.file,
            .tokenizer = std::nullopt};
  }
  ef::TextParts text = open_text(options.common.model);
  if (!text.chat_template) {
    throw ef::ChatError({.id = "chat.no_template",
                         .expected = "a model with a chat template",
                         .found = "none",
                         .where = options.common.model,
                         .remedy = "use run for plain completion, or pass --file TEMPLATE.jinja"});
  }
  if (!text.tokenizer) print_note("note: the template sees no special tokens: " + text.tokenizer_error->message());
  return {.text = *text.chat_template,
          .where = "chat template of " + options.common.model,
          .tokenizer = std::move(text.tokenizer)};
}

/// What transformers hands to every template besides the messages.
ordered_json with_defaults(ordered_json variables, const std::optional<ef::Tokenizer>& tokenizer) {
  const auto add = [&](const char* name, ordered_json value) {
    if (!variables.contains(name)) variables[name] = std::move(value);
  };
  add("tools", nullptr);
  add("documents", nullptr);
  add("add_generation_prompt", false);
  if (!tokenizer) return variables;
  const std::pair<const char*, std::optional<ef::TokenId>> tokens[] = {
      {"bos_token", tokenizer->beginning_of_sequence()},
      {"eos_token", tokenizer->end_of_sequence()},
      {"unk_token", tokenizer->unknown()},
      {"pad_token", tokenizer->padding()}};
  for (const auto& [name, id] : tokens) {
    if (id) add(name, tokenizer->token(*id));
  }
  return variables;
}

ordered_json read_variables() {
  const std::string text = read_all(std::cin, "standard input", k_input_limit_bytes);
  ordered_json variables = ordered_json::parse(text, nullptr, false);
  if (variables.is_object()) return variables;
  throw ef::UsageError({.id = "usage.template_input",
                        .expected = R"(a JSON object such as {"messages": [{"role": "user", "content": "Hi"}]})",
                        .found = variables.is_discarded() ? "no JSON" : variables.type_name(),
                        .where = "standard input",
                        .remedy = "see eigenformer template --help"});
}

void render(const TemplateOptions& options) {
  const Source source = source_of(options);
  const chat::Template compiled = chat::Template::compile(source.text, source.where);
  const ordered_json variables = with_defaults(read_variables(), source.tokenizer);
  const chat::Value value = chat::Value::from_json(variables, chat::Provenance::trusted);
  const chat::RenderedTemplate prompt = compiled.render(value, {.now = today()});
  if (options.common.json) return write_json({{"prompt", prompt.text}});
  write(prompt.text);
}

}  // namespace

void add_template(CLI::App& app, Action& action) {
  const auto options = std::make_shared<TemplateOptions>();
  CLI::App* command = app.add_subcommand("template", "a JSON object of messages in, the model's prompt out");
  CLI::Option* model = add_model_argument(*command, options->common);
  CLI::Option* file =
      command->add_option("--file", options->file, "a template instead of a model's")->type_name("FILE");
  file->excludes(model);
  add_common_options(*command, options->common);
  command->callback([options, model, file, &action] {
    if (model->empty() && file->empty()) throw CLI::RequiredError("MODEL or --file");
    action = [options] { render(*options); };
  });
}

}  // namespace cli
