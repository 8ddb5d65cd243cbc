// eigenformer run MODEL -p TEXT: continues a text, or answers a message with --chat. Without -p, each line of standard
// input is a prompt.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/date.hpp"
#include "cli/generation_options.hpp"
#include "cli/output.hpp"
#include "cli/sequences.hpp"
#include "eigenformer/chat.hpp"
#include "eigenformer/chat/prompt_format.hpp"

namespace cli {

namespace {

struct RunOptions {
  CommonOptions common;
  GenerationFlags flags;
  std::optional<std::string> prompt;
  bool chat = false;
  std::string system;
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

void run(const RunOptions& options) {
  const ef::Model model = open_model(options.common);
  if (options.prompt) return answer(model, options, *options.prompt);
  for (std::string line; std::getline(std::cin, line);) answer(model, options, line);
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
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { run(*options); }; });
}

}  // namespace cli
