// eigenformer chat [MODEL]: a conversation on the terminal. From a pipe, each line is a message and answers are all
// that goes to standard output.
#include "eigenformer/chat.hpp"

#include <map>
#include <memory>

#include "cli/commands.hpp"
#include "cli/date.hpp"
#include "cli/errors.hpp"
#include "cli/generation_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/later.hpp"
#include "cli/line_editor.hpp"
#include "cli/output.hpp"
#include "cli/system.hpp"
#include "eigenformer/core/attempt.hpp"
#include "eigenformer/find_model.hpp"
#include "eigenformer/format/file.hpp"

namespace cli {

namespace {

constexpr std::size_t k_saved_chat_limit_bytes = 64U << 20U;

struct ChatCommandOptions {
  CommonOptions common;
  GenerationFlags flags;
  std::string system;
};

/// A conversation and the commands that begin with a slash. Failures of one line are told and the conversation goes on.
class Conversation {
 public:
  Conversation(const ef::Model& model, const ChatCommandOptions& options)
      : chat_(model, {.system = options.system, .generation = generation(options), .date = today()}) {}

  /// False where the conversation is to end.
  bool take(const std::string& line) {
    if (line.empty()) return true;
    if (line == "/quit") return false;
    const ef::Result<void> done = ef::attempt([&] { line.front() == '/' ? command(line) : answer(line); });
    if (!done.ok()) print_error(done.error());
    return true;
  }

 private:
  ef::GenerateOptions generation(const ChatCommandOptions& options) const {
    ef::GenerateOptions generation = ef::default_chat_generation();
    generation.seed = options.common.seed;
    generation.cancel = cancel_;
    return with_flags(generation, options.flags);
  }

  void answer(const std::string& message) {
    cancel_.reset();
    const CancelOnInterrupt guard(cancel_);
    ef::Reply reply = chat_.begin(message);
    while (const std::optional<std::string> piece = reply.next()) write(*piece);
    write_line("");
    if (reply.finish_reason() == ef::FinishReason::cancelled) print_note("(stopped)");
  }

  void command(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string name = line.substr(0, space);
    const std::string argument = space == std::string::npos ? "" : line.substr(space + 1);
    const std::map<std::string, void (Conversation::*)(const std::string&)> commands = {
        {"/help", &Conversation::help}, {"/reset", &Conversation::reset},   {"/save", &Conversation::save},
        {"/load", &Conversation::load}, {"/system", &Conversation::system},
    };
    const auto found = commands.find(name);
    if (found == commands.end()) {
      throw ef::UsageError({.id = "usage.chat_command",
                            .expected = "a message, or /help, /reset, /save, /load, /system or /quit",
                            .found = name,
                            .where = "",
                            .remedy = "see /help; a message may begin with a space"});
    }
    (this->*found->second)(argument);
  }

  void help(const std::string&) {
    for (const char* line : {"/help           this list", "/reset          forget what was said",
                             "/save FILE      keep the conversation in a file", "/load FILE      go on with a kept one",
                             "/system TEXT    tell the assistant who it is; without TEXT, nothing",
                             "/quit           end (as does Ctrl-D); Ctrl-C stops an answer"}) {
      print_note(line);
    }
  }

  void reset(const std::string&) {
    chat_.reset();
    print_note("(forgotten)");
  }

  void system(const std::string& text) {
    chat_.set_system(text);
    print_note(text.empty() ? "(no system prompt)" : "(heard)");
  }

  void save(const std::string& file) {
    need_file("/save", file);
    const std::string text = chat_.save();
    ef::format::write_file(file, {std::as_bytes(std::span(text))});
    print_note("(saved in " + file + ")");
  }

  void load(const std::string& file) {
    need_file("/load", file);
    chat_.load(read_file(file, k_saved_chat_limit_bytes));
    print_note("(" + std::to_string(chat_.messages().size()) + " messages from " + file + ")");
  }

  static void need_file(const std::string& command, const std::string& file) {
    if (!file.empty()) return;
    throw ef::UsageError({.id = "usage.chat_file",
                          .expected = "a file after " + command,
                          .found = "none",
                          .where = "",
                          .remedy = "type " + command + " FILE"});
  }

  ef::CancelToken cancel_;
  ef::Chat chat_;
};

void chat(const ChatCommandOptions& options) {
  const ef::Model model = open_model(options.common);
  Conversation conversation(model, options);
  if (is_terminal(StandardStream::input))
    print_note(options.common.model + ". /help shows what you can do, /quit ends.");
  const std::unique_ptr<LineEditor> editor = make_line_editor("> ");
  for (std::optional<std::string> line = editor->read(); line; line = editor->read()) {
    if (!conversation.take(*line)) break;
  }
}

}  // namespace

void add_chat(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ChatCommandOptions>();
  options->common.model = std::string(ef::k_default_model);
  CLI::App* command = app.add_subcommand("chat", "talk to a model; from a pipe, each line is a message");
  add_model_argument(*command, options->common);
  command->add_option("--system", options->system, "what the assistant is told first")->type_name("TEXT");
  add_generation_options(*command, options->flags);
  add_common_options(*command, options->common);
  command->callback([options, &action] { action = [options] { chat(*options); }; });
}

}  // namespace cli
