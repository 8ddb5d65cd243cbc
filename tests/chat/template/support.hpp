// What the tests of chat templates share.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/chat/template/template.hpp"
#include "eigenformer/error.hpp"

namespace template_tests {

namespace chat = eigenformer::chat;
using chat::Provenance;
using chat::Value;
using Variables = std::vector<std::pair<std::string, Value>>;

inline std::string read_file(const std::string& name) {
  std::ifstream file(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/chat/template/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline nlohmann::ordered_json read_json(const std::string& name) {
  return nlohmann::ordered_json::parse(read_file(name));
}

/// A value as messages and tools have it.
inline Value content_of(const nlohmann::ordered_json& json) {
  return Value::parse_json(json.dump(), Provenance::content);
}

/// The time that the recordings were made at.
inline chat::RenderOptions recorded_time() {
  return {.now = chat::DateTime{.year = 2026, .month = 11, .day = 3, .hour = 9, .minute = 5, .second = 7}};
}

inline std::string render(const std::string& source, Variables variables = {},
                          const chat::RenderOptions& options = {}) {
  return chat::Template::compile(source, "test").render(Value::object(std::move(variables)), options).text;
}

/// The report of the error that `work` throws; its id is empty where it throws none.
template <class Work>
eigenformer::ErrorReport error_of(Work&& work) {
  try {
    work();
  } catch (const eigenformer::Error& error) {
    return error.report();
  }
  return {};
}

inline eigenformer::ErrorReport render_error(const std::string& source, Variables variables = {},
                                             const chat::RenderOptions& options = {}) {
  return error_of([&] { render(source, std::move(variables), options); });
}

}  // namespace template_tests
