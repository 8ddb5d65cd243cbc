// Folders that the environment names.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// The path that a variable holds, whose name is ASCII; empty where it is not set.
inline std::filesystem::path path_from_environment(const char* variable) {
#if defined(_WIN32)  // where the narrow variables lack what is not in the user's code page
  const wchar_t* value = _wgetenv(std::filesystem::path(variable).c_str());
#else
  const char* value = std::getenv(variable);
#endif
  return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
}

/// The user's own folder; empty where it is not known.
inline std::filesystem::path home_folder() {
#if defined(_WIN32)
  return path_from_environment("USERPROFILE");
#else
  return path_from_environment("HOME");
#endif
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
