// Who the assistant is and what it says by itself, from a JSON file.
#pragma once

#include <filesystem>
#include <string>

/// What the assistant says in one language.
struct Lines {
  std::string welcome;   ///< once, at the beginning
  std::string question;  ///< before each turn of the visitor
  std::string speaker;   ///< in front of each answer
  std::string farewell;  ///< at the end
  std::string system;    ///< what the model is told; the visitor does not see it
};

struct Persona {
  std::string name;
  Lines lines;
};

/// The persona of that name with its lines in that language; an empty name means the first. Throws std::runtime_error
/// that says what the file has instead.
Persona load_persona(const std::filesystem::path& file, const std::string& name, const std::string& language);
