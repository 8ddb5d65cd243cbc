// Numbers of the command line: std::from_chars alone reads them, whatever the locale, and each is held to its range.
#pragma once

#include <CLI/CLI.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/tokenizer.hpp"

namespace cli {

namespace ef = eigenformer;

struct WholeRange {
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

struct RealRange {
  double least;
  double most;
};

/// The number that the whole text is. UsageError "usage.option_value" for anything else (nan, -1, 1e3, "") and for what
/// is out of range; `option` stands in the sentence.
std::uint64_t parse_whole(const std::string& option, std::string_view text, const WholeRange& range);
double parse_real(const std::string& option, std::string_view text, const RealRange& range);

/// "1,2,3", with spaces after commas if there are any. An empty text is no ids.
std::vector<ef::TokenId> parse_ids(const std::string& option, std::string_view text);
/// "1,8,32": at least one, each in range.
std::vector<std::uint64_t> parse_whole_list(const std::string& option, std::string_view text, const WholeRange& range);

/// The name by which errors call an option: the last of "-n,--max-new-tokens".
std::string long_name(const std::string& names);

/// How an option appears: its names, as CLI11 takes them, and a line of help.
struct OptionText {
  std::string names;
  std::string help;
};

/// An option that sets `target` (a number, or an optional one) to a whole number.
template <class Target>
CLI::Option* add_whole(CLI::App& command, const OptionText& text, Target& target, const WholeRange& range = {}) {
  const auto set = [&target, range, name = long_name(text.names)](const std::string& value) {
    target = parse_whole(name, value, range);
  };
  return command.add_option_function<std::string>(text.names, set, text.help)->type_name("N");
}

/// An option that sets `target` (a double, or an optional one).
template <class Target>
CLI::Option* add_real(CLI::App& command, const OptionText& text, Target& target, const RealRange& range) {
  const auto set = [&target, range, name = long_name(text.names)](const std::string& value) {
    target = parse_real(name, value, range);
  };
  return command.add_option_function<std::string>(text.names, set, text.help)->type_name("X");
}

}  // namespace cli
