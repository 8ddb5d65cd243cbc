// tokenizer.json in a folder of its own, loaded, and texts taken to ids and back.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/fuzz.hpp"
#include "tests/hostile/uses.hpp"

namespace {

/// The folder of this process.
std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "fuzz_tokenizer_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  return name;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path folder = make_folder();
  return eigenformer_tests::fuzz::run(data, size, [](std::string_view bytes) {
    std::ofstream(folder / "tokenizer.json", std::ios::binary) << bytes;
    eigenformer_tests::hostile::use_tokenizer(folder);
  });
}
