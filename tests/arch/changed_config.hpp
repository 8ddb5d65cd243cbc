// Golden models with one key of their config changed.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "eigenformer/model.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer_tests {

/// What loading a golden model says whose config has `value` under `key`.
inline std::string error_with(const std::string& model, const std::string& key, const nlohmann::json& value) {
  const auto golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden" / model;
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(EIGENFORMER_BINARY_DIR) / test.test_suite_name() / test.name();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  copy_into(golden / "model.safetensors", folder);
  nlohmann::json config = nlohmann::json::parse(std::ifstream(golden / "config.json"));
  config[key] = value;
  std::ofstream(folder / "config.json") << config;
  const std::string text = error_of([&] { eigenformer::load(folder); });
  std::filesystem::remove_all(folder);
  return text;
}

}  // namespace eigenformer_tests
