#include "persona.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

using nlohmann::json;

namespace {

const json& chosen(const json& personas, const std::string& name) {
  std::string names;
  for (const json& persona : personas) {
    const std::string found = persona.at("name");
    if (name.empty() || name == found) return persona;
    names += (names.empty() ? "" : ", ") + found;
  }
  throw std::runtime_error("expected one of the personas " + names + ", found '" + name + "'");
}

}  // namespace

Persona load_persona(const std::filesystem::path& file, const std::string& name, const std::string& language) {
  try {
    const json content = json::parse(std::ifstream(file));
    const json& persona = chosen(content.at("personas"), name);
    const json& lines = persona.at("lines").at(language);
    return {.name = persona.at("name"),
            .lines = Lines{.welcome = lines.at("welcome"),
                           .question = lines.at("question"),
                           .speaker = lines.at("speaker"),
                           .farewell = lines.at("farewell"),
                           .system = lines.at("system")}};
  } catch (const json::exception& error) {
    throw std::runtime_error(file.string() + ": expected personas as in the README of this example, found " +
                             error.what());
  }
}
