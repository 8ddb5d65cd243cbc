// One tokenizer over a file of texts, for bench/tokenizer_speed.py:
//
//     tokenizer_rounds FOLDER TEXTS IDS
//
// TEXTS holds texts with a zero byte after each. Writes the ids of all of them to IDS, in 32 bits, with the number of a
// text's ids before them, and the seconds that loading took to standard output. Then each line of standard input asks
// for a round: the seconds that encoding all texts takes. Seconds are those of the processor: others may use it too.
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenizer.hpp"

namespace {

namespace ef = eigenformer;

double seconds_since(std::clock_t begin) { return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC; }

std::vector<std::string_view> texts_of(std::string_view file) {
  std::vector<std::string_view> texts;
  while (!file.empty()) {
    const std::size_t end = file.find('\0');
    texts.push_back(file.substr(0, end));
    file.remove_prefix(end + 1);
  }
  return texts;
}

void write_ids(const ef::Tokenizer& tokenizer, const std::vector<std::string_view>& texts, const char* path) {
  std::ofstream out(path, std::ios::binary);
  for (const std::string_view text : texts) {
    const std::vector<ef::TokenId> ids = tokenizer.encode(text);
    const auto count = static_cast<std::int32_t>(ids.size());
    out.write(reinterpret_cast<const char*>(&count), sizeof count);
    out.write(reinterpret_cast<const char*>(ids.data()), static_cast<std::streamsize>(ids.size() * sizeof ids[0]));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "tokenizer_rounds FOLDER TEXTS IDS\n";
    return 2;
  }
  try {
    const std::clock_t begin = std::clock();
    const ef::Tokenizer tokenizer = ef::tokenize::load_tokenizer_folder(arguments[1]);
    std::cout << seconds_since(begin) << std::endl;
    std::ifstream in(arguments[2], std::ios::binary);
    const std::string file{std::istreambuf_iterator<char>(in), {}};
    const std::vector<std::string_view> texts = texts_of(file);
    write_ids(tokenizer, texts, arguments[3]);
    std::size_t ids = 0;
    for (std::string line; std::getline(std::cin, line);) {
      const std::clock_t start = std::clock();
      for (const std::string_view text : texts) ids += tokenizer.encode(text).size();
      std::cout << seconds_since(start) << std::endl;
    }
    return ids == 0 ? 1 : 0;
  } catch (const ef::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
