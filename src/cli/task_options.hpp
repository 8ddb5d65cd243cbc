// What the commands of tasks share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/common_options.hpp"
#include "cli/input_lines.hpp"
#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tokenizer.hpp"

namespace cli {

struct LineForm {
  bool json_lines = false;  ///< a JSON string, which may hold newlines
  bool pairs = false;       ///< a JSON array of two strings
  std::size_t at_once = k_lines_at_once;
};

/// What a line holds: a text, or two.
struct InputTexts {
  std::string first;
  std::optional<std::string> second = {};

  /// Valid as long as the line.
  ef::TextPair pair() const {
    return second ? ef::TextPair{.first = first, .second = *second} : ef::TextPair{.first = first};
  }
};

struct TaskOptions {
  CommonOptions common;
  LineForm form;
  bool cut = false;

  ef::LongText long_text() const { return cut ? ef::LongText::cut : ef::LongText::refuse; }
};

/// Adds MODEL and what every command takes.
void add_task_options(CLI::App& command, TaskOptions& options);
/// Adds --truncate.
CLI::Option* add_truncate(CLI::App& command, TaskOptions& options);
/// Adds --pairs.
void add_pairs(CLI::App& command, TaskOptions& options);

/// What a line of that form holds. `command` is for errors.
InputTexts read_texts(const LineForm& form, std::string line, std::size_t number, const std::string& command);

/// The texts of lines; valid as long as these.
std::vector<ef::TextPair> pairs_of(const std::vector<InputTexts>& lines);
std::vector<std::string_view> texts_of(const std::vector<InputTexts>& lines);

/// Reads the lines of standard input in groups that are computed together (use_lines). `command` is for errors.
void for_each_group(const LineForm& form, const std::string& command,
                    const std::function<void(const std::vector<InputTexts>&)>& use);

/// Puts "start", "end" (in characters) and "bytes" into an object.
void put_span(nlohmann::ordered_json& object, const ef::CharacterSpan& characters, const ef::ByteSpan& bytes);

}  // namespace cli
