#include "cli/task_options.hpp"

#include <nlohmann/json.hpp>

#include "cli/input_lines.hpp"

namespace cli {

namespace {

InputTexts read_pair(const std::string& line, std::size_t number, const std::string& command) {
  const nlohmann::json value = parse_line(line, number);
  if (!value.is_array() || value.size() != 2 || !value[0].is_string() || !value[1].is_string()) {
    refuse_line(number, "a JSON array of two strings", command);
  }
  return {.first = value[0].get<std::string>(), .second = value[1].get<std::string>()};
}

}  // namespace

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
  InputLines lines({.command = command, .json_lines = form.json_lines && !form.pairs});
  std::size_t number = 0;
  for (;;) {
    std::vector<InputTexts> group;
    for (std::string& line : lines.next(k_lines_at_once)) {
      ++number;
      group.push_back(form.pairs ? read_pair(line, number, command) : InputTexts{.first = std::move(line)});
    }
    if (group.empty()) return;
    use(group);
  }
}

void put_span(nlohmann::ordered_json& object, const ef::CharacterSpan& characters, const ef::ByteSpan& bytes) {
  object["start"] = characters.begin;
  object["end"] = characters.end;
  object["bytes"] = {bytes.begin, bytes.end};
}

}  // namespace cli
