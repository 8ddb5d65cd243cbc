// eigenformer run MODEL -p TEXT: continues a text, or answers a message with --chat. Without -p, each line of standard
// input is a prompt. With --choose the answer is one of a few texts.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/date.hpp"
#include "cli/generation_options.hpp"
#include "cli/input_lines.hpp"
#include "cli/output.hpp"
#include "cli/sequences.hpp"
#include "eigenformer/chat.hpp"
#include "eigenformer/chat/prompt_format.hpp"
#include "eigenformer/choose.hpp"

namespace cli {

namespace {

struct RunOptions {
  CommonOptions common;
  GenerationFlags flags;
  std::optional<std::string> prompt;
  bool chat = false;
  std::string system;
  std::vector<std::string> choices;  ///< none: the answer is free
};

ef::ChatOptions chat_options(const RunOptions& options) {
  return {.system = options.system, .generation = {}, .date = today()};
}

/// The ids of the prompt: of the text, or of a conversation in which it is the first message.
std::vector<ef::TokenId> prompt_ids(const ef::Model& model, const RunOptions& options, const std::string& text) {
  if (!options.chat) return model.tokenizer().encode(text);
  std::vector<ef::Message> messages;
  if (!options.system.empty()) messages.push_back({.role = "system", .content = options.system});
  messages.push_back({.role = "user", .content = text});
  return ef::chat::make_prompt_format(model, chat_options(options))->encode(messages);
}

void stream(ef::Reply reply) {
  while (const std::optional<std::string> piece = reply.next()) write(*piece);
  write_line("");
}

void answer(const ef::Model& model, const RunOptions& options, const std::string& text) {
  ef::GenerateOptions generation = options.chat ? ef::default_chat_generation() : ef::GenerateOptions{};
  generation.seed = options.common.seed;
  generation = with_flags(generation, options.flags);
  const bool is_one_text = generation.num_return_sequences == 1 && generation.num_beams.value_or(1) == 1;
  if (!options.common.json && is_one_text) {
    if (!options.chat) return stream(ef::begin(model, text, generation));
    ef::Chat chat(model, chat_options(options));
    return stream(chat.begin(text, generation));
  }
  const std::vector<ef::GeneratedSequence> sequences =
      ef::generate(model, prompt_ids(model, options, text), generation);
  if (options.common.json) {
    return write_json({{"prompt", text}, {"sequences", sequences_json(sequences, WithText::yes)}});
  }
  for (const ef::GeneratedSequence& sequence : sequences) write_line(sequence.text);
}

ef::Chosen choose(const ef::Model& model, const RunOptions& options, const std::string& text) {
  if (options.chat) return ef::Chat(model, chat_options(options)).choose(text, options.choices);
  return ef::choose(model, text, options.choices);
}

void print_choice(const RunOptions& options, const std::string& text, const ef::Chosen& chosen) {
  if (!options.common.json) return write_line(options.choices[chosen.best]);
  nlohmann::ordered_json choices = nlohmann::ordered_json::array();
  for (std::size_t index = 0; index < chosen.choices.size(); ++index) {
    choices.push_back({{"text", options.choices[index]},
                       {"log_probability", chosen.choices[index].log_probability},
                       {"probability", chosen.choices[index].probability}});
  }
  write_json({{"prompt", text}, {"choice", options.choices[chosen.best]}, {"choices", choices}});
}

void respond(const ef::Model& model, const RunOptions& options, const std::string& text) {
  if (options.choices.empty()) return answer(model, options, text);
  print_choice(options, text, choose(model, options, text));
}

void run(const RunOptions& options) {
  const ef::Model model = open_model(options.common);
  if (options.prompt) return respond(model, options, *options.prompt);
  while (const std::optional<std::string> line = read_line(std::cin)) respond(model, options, *line);
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "complete a prompt, or each line of standard input");
  add_model_argument(*command, options->common)->required();
  command->add_option("-p,--prompt", options->prompt, "the text to go on with")->type_name("TEXT");
  command->add_flag("--chat", options->chat, "apply the chat template: the prompt is a message");
  command->add_option("--system", options->system, "with --chat: what the assistant is told first")->type_name("TEXT");
  add_generation_options(*command, options->flags);
  add_sequences_option(*command, options->flags);
  command->add_option("--choose", options->choices, "answer with the likeliest of these texts")
      ->type_name("A|B|C")
      ->delimiter('|')
      ->allow_extra_args(false);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { run(*options); }; });
}

}  // namespace cli
