// eigenformer template MODEL | --file T.jinja: renders the chat template. Standard input is a JSON object; the prompt
// goes out byte for byte as transformers' apply_chat_template has it. No weights are read.
#include "eigenformer/chat/template/template.hpp"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/date.hpp"
#include "cli/errors.hpp"
#include "cli/output.hpp"
#include "cli/text_model.hpp"
#include "eigenformer/chat/template/objects.hpp"
#include "eigenformer/core/attempt.hpp"

namespace cli {

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

using Variables = std::vector<std::pair<std::string, chat::Value>>;

/// What transformers hands to every template besides the messages.
Variables defaults(const std::optional<ef::Tokenizer>& tokenizer) {
  Variables variables = {{"tools", {}}, {"documents", {}}, {"add_generation_prompt", chat::Value::boolean(false)}};
  if (!tokenizer) return variables;
  const std::pair<const char*, std::optional<ef::TokenId>> tokens[] = {
      {"bos_token", tokenizer->beginning_of_sequence()},
      {"eos_token", tokenizer->end_of_sequence()},
      {"unk_token", tokenizer->unknown()},
      {"pad_token", tokenizer->padding()}};
  for (const auto& [name, id] : tokens) {
    if (id) variables.emplace_back(name, chat::Value::text(tokenizer->token(*id)));
  }
  return variables;
}

[[noreturn]] void refuse_input(std::string found) {
  throw ef::UsageError({.id = "usage.template_input",
                        .expected = R"(a JSON object such as {"messages": [{"role": "user", "content": "Hi"}]})",
                        .found = std::move(found),
                        .where = "standard input",
                        .remedy = "see eigenformer template --help"});
}

/// The variables that standard input gives, behind the defaults of those that it leaves out.
chat::Value read_variables(const std::optional<ef::Tokenizer>& tokenizer) {
  const std::string text = read_all(std::cin, "standard input", k_input_limit_bytes);
  auto given = ef::attempt([&] { return chat::Value::parse_json(text, chat::Provenance::trusted); });
  if (!given.ok() && given.error().id == "chat.template_json") refuse_input("no JSON");
  if (!given.value().is(chat::templating::Kind::object)) refuse_input("another value");
  Variables variables = defaults(tokenizer);
  for (const auto& [key, value] : given.value().as<chat::templating::DictObject>().entries) {
    variables.emplace_back(key.as<chat::templating::TextObject>().text.bytes, value);
  }
  return chat::Value::object(std::move(variables));
}

void render(const TemplateOptions& options) {
  const Source source = source_of(options);
  const chat::Template compiled = chat::Template::compile(source.text, source.where);
  const chat::RenderedTemplate prompt = compiled.render(read_variables(source.tokenizer), {.now = today()});
  if (options.common.json) return write_json(nlohmann::ordered_json{{"prompt", prompt.text}});
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
