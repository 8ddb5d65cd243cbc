// Where models lie once `models/fetch` has brought them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace eigenformer_tests {

/// The folder of a model of that name, whether it is there or not. The cache's layout is described at the head of
/// models/fetch.
inline std::filesystem::path fetched_model(const std::string& name) {
  const auto folder = [](const char* variable) {
    const char* value = std::getenv(variable);
    return std::filesystem::path(value == nullptr ? "" : value);
  };
  std::filesystem::path cache = folder("EIGENFORMER_CACHE");
  if (cache.empty() && !folder("XDG_CACHE_HOME").empty()) cache = folder("XDG_CACHE_HOME") / "eigenformer";
  if (cache.empty()) cache = folder("HOME") / ".cache" / "eigenformer";
  return cache / "models" / name;
}

inline std::filesystem::path default_model() {
  const auto path = fetched_model("smollm2-135m-instruct") / "SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!std::filesystem::exists(path)) throw std::runtime_error("the default model is not there: run models/fetch");
  return path;
}

}  // namespace eigenformer_tests
