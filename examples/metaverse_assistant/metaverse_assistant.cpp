// A guide of a virtual world that answers questions: any chat model, personas from a JSON file, English or Chinese.
#include <CLI/CLI.hpp>
#include <eigenformer/eigenformer.hpp>
#include <filesystem>
#include <iostream>
#include <string>

#include "persona.hpp"
#include "visit.hpp"

namespace ef = eigenformer;

namespace {

constexpr int k_wrong_usage = 2;  // the exit status of a command line that is none, as of the program eigenformer

struct Settings {
  std::string model = std::string(ef::k_default_model);
  std::string language = "en";
  std::string persona = {};
  std::filesystem::path personas = {};
  unsigned threads = 0;
  ef::GenerateOptions generation = ef::default_chat_generation();
};

void add_options(CLI::App& app, Settings& settings) {
  app.add_option("--model", settings.model, "a Hugging Face folder, a .gguf file, or a name for models/fetch");
  app.add_option("--lang", settings.language, "the language of the assistant's own lines")
      ->check(CLI::IsMember({"en", "zh"}));
  app.add_option("--persona", settings.persona, "who the assistant is; the first of the file if not given");
  app.add_option("--personas", settings.personas, "the file of personas");
  app.add_option("--threads", settings.threads, "threads to compute with; one for each core if not given");
  ef::GenerateOptions& generation = settings.generation;
  app.add_option("--max-length", generation.max_length, "tokens of the conversation and the answer together");
  app.add_option("--max-new-tokens", generation.max_new_tokens, "tokens of an answer");
  app.add_option("--temperature", generation.temperature, "0: the likeliest words; higher: more surprising");
  app.add_option("--top-k", generation.top_k, "only tokens as likely as the k-th likeliest");
  app.add_option("--top-p", generation.top_p, "only the likeliest tokens that reach this probability together");
  app.add_option("--min-p", generation.min_p, "only tokens at least this fraction as likely as the likeliest");
  app.add_option("--ban", generation.banned_strings, "texts that the assistant never says");
  app.add_option("--repetition-penalty", generation.repetition_penalty, "above 1: fewer repetitions");
  app.add_option("--num-return-sequences", generation.num_return_sequences, "1: a conversation has one answer a turn");
  app.add_option("--seed", generation.seed, "the same seed gives the same answers on every machine");
}

/// The folder in which this program lies.
std::filesystem::path own_folder(const char* program) {
  std::error_code unknown;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return (unknown ? std::filesystem::path(program) : self).parent_path();
}

/// A chat in which the persona speaks; models without a place for a system prompt do without.
ef::Chat make_chat(const ef::Model& model, const Settings& settings, const Lines& lines) {
  ef::ChatOptions options{.system = lines.system, .generation = settings.generation};
  ef::Result<ef::Chat> chat = ef::Chat::try_make(model, options);
  if (chat.ok() || chat.error().id != "chat.role_unsupported") return std::move(chat).value();
  std::cerr << "note: this model takes no persona: " << chat.error().message() << "\n";
  options.system.clear();
  return ef::Chat(model, options);
}

void visit(const Settings& settings) {
  const Persona persona = load_persona(settings.personas, settings.persona, settings.language);
  const ef::Model model = ef::load(ef::find_model(settings.model), {.threads = settings.threads});
  ef::Chat chat = make_chat(model, settings, persona.lines);
  if (settings.language == "zh" && !knows_chinese(model.tokenizer())) {
    std::cout
        << "(这个模型懂的中文很少, 请用英文提问, 或用 --model 选择懂中文的模型。 This model knows little Chinese: "
           "ask in English, or choose a model that knows Chinese by --model.)\n";
  }
  receive_visitor(chat, persona.lines, std::cin, std::cout);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings{.personas = own_folder(argv[0]) / "personas.json"};
  CLI::App app("A guide of a virtual world: ask it something, leave by exit, quit or bye");
  add_options(app, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& answer) {  // help, or a wrong option
    return app.exit(answer) == 0 ? 0 : k_wrong_usage;
  }
  try {
    visit(settings);
    return 0;
  } catch (const ef::Error& error) {
    std::cerr << error.report().line() << "\n";
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
  }
  return 1;
}
