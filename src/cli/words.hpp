// Options that are one of a few words.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "cli/errors.hpp"
#include "eigenformer/error.hpp"

namespace cli {

namespace ef = eigenformer;

/// The values of an option that is one of a few words.
template <class Value>
struct Words {
  std::string option;
  std::map<std::string, Value> known;
  std::map<std::string, std::string> later = {};  ///< words of later versions -> what to do instead

  std::string list() const {
    std::string text;
    for (const auto& [word, value] : known) text += (text.empty() ? "" : "|") + word;
    return text;
  }
  Value value_of(const std::string& word) const {
    if (const auto found = later.find(word); found != later.end()) refuse_not_yet(option + " " + word, found->second);
    const auto found = known.find(word);
    if (found != known.end()) return found->second;
    throw ef::UsageError({.id = "usage.option_word",
                          .expected = "one of " + list(),
                          .found = "'" + word + "'",
                          .where = option,
                          .remedy = "pass one of these"});
  }
};

/// Adds the option; UsageError "usage.option_word" for another word.
template <class Value, class Set>
CLI::Option* add_words(CLI::App& command, const Words<Value>& words, const std::string& help, Set set) {
  const auto read = [words, set](const std::string& word) { set(words.value_of(word)); };
  return command.add_option_function<std::string>(words.option, read, help)->type_name(words.list());
}

}  // namespace cli
