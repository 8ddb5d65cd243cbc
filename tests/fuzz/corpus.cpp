// Writes the small sound files that fuzzing begins with: fuzz_corpus FOLDER makes FOLDER/<target>/ for each target.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/hostile/seeds.hpp"
#include "tests/support/source_folder.hpp"

namespace {

namespace fs = std::filesystem;
namespace hostile = eigenformer_tests::hostile;

void write(const fs::path& folder, const std::string& name, const std::string& bytes) {
  fs::create_directories(folder);
  std::ofstream(folder / name, std::ios::binary) << bytes;
}

/// Those of a format's seeds that are called so in a model's folder.
struct Target {
  const char* name;
  const char* file_name;  ///< empty: all of them
};
void write_seeds(const fs::path& folder, const hostile::Format& format, const Target& target) {
  for (const hostile::Seed& seed : format.seeds) {
    const bool is_wanted = *target.file_name == '\0' || seed.file_name == target.file_name;
    std::string name = seed.name;
    for (char& letter : name) letter = letter == '/' ? '_' : letter;
    if (is_wanted) write(folder / target.name, name, seed.bytes);
  }
}

constexpr const char* k_patterns[] = {
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+)",
    R"([\u0000-\u007f]+|\x{4e00}|(?<=a)b{2,5}?)", R"((a+)+$)", R"(<0x[0-9A-Fa-f]{2}>)"};

constexpr const char* k_saved_chat =
    R"({"format":"eigenformer chat","version":1,"numerics":1,"model":{"source":"m","architecture":"a"},)"
    R"("messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi \ud83e\udd8a"}]})";

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_corpus FOLDER\n");
    return 2;
  }
  const fs::path folder = argv[1];
  write_seeds(folder, hostile::safetensors_format(), {"safetensors", "model.safetensors"});
  write_seeds(folder, hostile::gguf_format(), {"gguf", ""});
  write_seeds(folder, hostile::torch_format(), {"torch", ""});
  write_seeds(folder, hostile::tokenizer_format(), {"tokenizer_json", "tokenizer.json"});
  write_seeds(folder, hostile::config_format(), {"config", "config.json"});
  write_seeds(folder, hostile::sentencepiece_format(), {"sentencepiece", ""});
  write_seeds(folder, hostile::template_format(), {"template", ""});
  for (std::size_t i = 0; i < std::size(k_patterns); ++i) {
    write(folder / "pattern", std::to_string(i), k_patterns[i]);
  }
  write(folder / "saved_chat", "chat", k_saved_chat);
}
