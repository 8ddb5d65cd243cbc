// What transformers gave for the golden models, and the same models here.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "eigenformer/generate.hpp"
#include "tests/support/source_folder.hpp"

namespace eigenformer_tests {

/// A file of tests/generate.
inline nlohmann::json recorded(const std::string& file) {
  return nlohmann::json::parse(std::ifstream(k_source / "tests" / "generate" / file));
}

/// The model of tests/golden/`name`, which a recording names so: a folder, or the GGUF file in it.
inline eigenformer::Model load_golden(const std::string& name) {
  const std::filesystem::path folder = k_source / "tests" / "golden" / name;
  const std::filesystem::path file = folder / "model.gguf";
  return eigenformer::load(std::filesystem::exists(file) ? file : folder,
                           {.compute = eigenformer::Compute::exact, .threads = 2});
}

}  // namespace eigenformer_tests
