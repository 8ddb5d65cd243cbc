// The long-term memory of a character: it remembers sentences, and answers a question with those that are nearest in
// meaning.
#include <CLI/CLI.hpp>
#include <chrono>
#include <eigenformer/eigenformer.hpp>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <string>

#include "memory.hpp"
#include "village.hpp"

namespace ef = eigenformer;

namespace {

constexpr int k_wrong_usage = 2;  // the exit status of a command line that is none, as of the program eigenformer

struct Settings {
  std::string model = "all-minilm-l6-v2";
  std::size_t top = 3;
  std::size_t sentences = 10'000;
  unsigned threads = 0;
  bool demo = false;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void show(const std::vector<Recollection>& recollections) {
  if (recollections.empty()) std::cout << "  I remember nothing.\n";
  for (const Recollection& each : recollections) {
    std::cout << "  " << std::fixed << std::setprecision(3) << each.similarity << "  " << each.sentence << '\n';
  }
}

// ---- a conversation
// --------------------------------------------------------------------------------------------------

/// One line of the visitor: what to do, and with what.
void obey(Memory& memory, const std::string& word, const std::string& rest, std::size_t top) {
  if (word == "remember" && !rest.empty()) {
    memory.remember({rest});
    std::cout << "I remember " << memory.size() << (memory.size() == 1 ? " thing.\n" : " things.\n");
  } else if (word == "ask" && !rest.empty()) {
    show(memory.recall(rest, top));
  } else if (word == "save" && !rest.empty()) {
    memory.save(rest);
    std::cout << "Saved.\n";
  } else if (word == "load" && !rest.empty()) {
    memory.load(rest);
    std::cout << "I remember " << memory.size() << " things.\n";
  } else if (!word.empty()) {
    std::cout << "Say: remember SENTENCE, ask QUESTION, save FILE, load FILE, or quit.\n";
  }
}

void converse(Memory& memory, std::size_t top) {
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string rest = line.substr(std::min(space + 1, line.size()));
    try {
      obey(memory, line.substr(0, space), rest, top);
    } catch (const ef::Error& error) {
      std::cout << error.report().line() << '\n';
    }
    std::cout << std::flush;
  }
}

// ---- a demonstration
// -------------------------------------------------------------------------------------------------

void ask_about_the_village(const Memory& memory, std::size_t top) {
  for (const char* question :
       {"Who mended the crossing over the water?", "Was any jewellery mislaid?", "Did a dangerous animal show itself?",
        "Who was ill and got better?", "What was put under the earth?"}) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<float> meaning = memory.meaning(question);
    const double until_search = 1e3 * seconds_since(start);
    const auto recollections = memory.nearest(meaning, top);
    const double search = 1e3 * seconds_since(start) - until_search;
    std::cout << question << "  (" << std::fixed << std::setprecision(1) << until_search << " ms to read it, " << search
              << " ms to search)\n";
    show(recollections);
  }
}

/// Saves, loads into a second memory, and compares what both answer.
void save_and_load(const Memory& memory, const ef::Model& model) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "eigenformer_village.memory";
  memory.save(path);
  Memory again(model);
  again.load(path);
  const auto first = memory.recall("a wolf in the forest", 5), second = again.recall("a wolf in the forest", 5);
  bool is_same = first.size() == second.size() && memory.size() == again.size();
  for (std::size_t index = 0; is_same && index < first.size(); ++index) {
    is_same = first[index].sentence == second[index].sentence && first[index].similarity == second[index].similarity;
  }
  std::cout << "Saved " << std::filesystem::file_size(path) / 1000
            << " kB, loaded: " << (is_same ? "the same memory.\n" : "ANOTHER MEMORY.\n");
  std::filesystem::remove(path);
}

void demonstrate(Memory& memory, const ef::Model& model, const Settings& settings) {
  const std::vector<std::string> sentences = village_sentences(settings.sentences);
  const auto start = std::chrono::steady_clock::now();
  memory.remember(sentences);
  const double seconds = seconds_since(start);
  std::cout << "Remembered " << memory.size() << " sentences in " << std::fixed << std::setprecision(2) << seconds
            << " s: " << std::setprecision(0) << static_cast<double>(memory.size()) / seconds << " a second.\n";
  ask_about_the_village(memory, settings.top);
  save_and_load(memory, model);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("A memory: remember SENTENCE, ask QUESTION, save FILE, load FILE, quit");
  app.add_option("--model", settings.model, "a model of sentence embeddings: a folder, or a name for models/fetch");
  app.add_option("--top", settings.top, "how many sentences answer a question");
  app.add_option("--threads", settings.threads, "threads to compute with; one for each core if not given");
  app.add_flag("--demo", settings.demo, "remember what happened in a village, and answer five questions");
  app.add_option("--sentences", settings.sentences, "of the demonstration")
      ->check(CLI::Range(std::size_t{1}, k_village_sentences));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& answer) {  // help, or a wrong option
    return app.exit(answer) == 0 ? 0 : k_wrong_usage;
  }
  try {
    const ef::Model model = ef::load(ef::find_model(settings.model), {.threads = settings.threads});
    Memory memory(model);
    if (settings.demo) {
      demonstrate(memory, model, settings);
    } else {
      converse(memory, settings.top);
    }
    return 0;
  } catch (const ef::Error& error) {
    std::cerr << error.report().line() << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
