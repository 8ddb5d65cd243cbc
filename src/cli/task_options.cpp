#include "cli/task_options.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace cli {

namespace {

InputTexts read_pair(const std::string& line, std::size_t number, const std::string& command) {
  const ef::format::Json value = parse_line(line, number);
  const std::span<const ef::format::Json> pair = value.elements();
  if (pair.size() != 2 || !pair[0].is_text() || !pair[1].is_text()) {
    refuse_line(number, "a JSON array of two strings", command);
  }
  return {.first = pair[0].text(), .second = pair[1].text()};
}

}  // namespace

InputTexts read_texts(const LineForm& form, std::string line, std::size_t number, const std::string& command) {
  if (form.pairs) return read_pair(line, number, command);
  if (!form.json_lines) return {.first = std::move(line)};
  const ef::format::Json value = parse_line(line, number);
  if (!value.is_text()) refuse_line(number, "a JSON string", command);
  return {.first = value.text()};
}

void add_task_options(CLI::App& command, TaskOptions& options) {
  add_model_argument(command, options.common)->required();
  command.add_flag("--json-lines", options.form.json_lines,
                   "each line of text is a JSON string, which may hold newlines");
  add_common_options(command, options.common);
}

CLI::Option* add_truncate(CLI::App& command, TaskOptions& options) {
  return command.add_flag("--truncate", options.cut, "cut the end of texts that the model cannot read as a whole");
}

void add_pairs(CLI::App& command, TaskOptions& options) {
  command.add_flag("--pairs", options.form.pairs, "each line is a JSON array of two strings that belong together");
}

std::vector<ef::TextPair> pairs_of(const std::vector<InputTexts>& lines) {
  std::vector<ef::TextPair> pairs;
  for (const InputTexts& line : lines) pairs.push_back(line.pair());
  return pairs;
}

std::vector<std::string_view> texts_of(const std::vector<InputTexts>& lines) {
  std::vector<std::string_view> texts;
  for (const InputTexts& line : lines) texts.push_back(line.first);
  return texts;
}

void for_each_group(const LineForm& form, const std::string& command,
                    const std::function<void(const std::vector<InputTexts>&)>& use) {
  InputLines lines({.command = command});
  const auto read = [&](std::string line, std::size_t number) {
    return read_texts(form, std::move(line), number, command);
  };
  std::size_t first = 1;
  for (;;) {
    std::vector<std::string> group = lines.next(form.at_once);
    if (group.empty()) return;
    const std::size_t count = group.size();
    use_read_lines<InputTexts>(std::move(group), first, read, use);
    first += count;
  }
}

void put_span(nlohmann::ordered_json& object, const ef::CharacterSpan& characters, const ef::ByteSpan& bytes) {
  object["start"] = characters.begin;
  object["end"] = characters.end;
  object["bytes"] = {bytes.begin, bytes.end};
}

}  // namespace cli
