#include "visit.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <string>

namespace {

std::string trimmed(const std::string& text) {
  const char* space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool says_goodbye(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  constexpr std::array words = {"exit", "quit", "bye", "goodbye", "再见"};
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

void receive_visitor(eigenformer::Chat& chat, const Lines& lines, std::istream& in, std::ostream& out) {
  out << lines.welcome << "\n" << lines.question << " " << std::flush;
  for (std::string line; std::getline(in, line); out << lines.question << " " << std::flush) {
    const std::string question = trimmed(line);
    if (question.empty()) continue;
    if (says_goodbye(question)) break;
    out << lines.speaker << std::flush;
    for (auto reply = chat.begin(question); auto piece = reply.next();) out << *piece << std::flush;
    out << "\n";
  }
  out << (in ? "" : "\n") << lines.farewell << "\n";
}

bool knows_chinese(const eigenformer::Tokenizer& tokenizer) {
  const std::string sample = "欢迎来到元宇宙您有什么问题吗我们可以一起去看看这个世界";
  const double characters = static_cast<double>(sample.size()) / 3;  // each of them is three bytes of UTF-8
  const double tokens = static_cast<double>(tokenizer.encode(sample, {.add_special_tokens = false}).size());
  return tokens <= 1.5 * characters;
}
