// What transformers' pipelines made of texts with the models of tests/tasks/data (heads_recipe.py).
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "eigenformer/model.hpp"
#include "eigenformer/tasks.hpp"
#include "tests/support/copy_into.hpp"

namespace eigenformer_tests {

inline const std::filesystem::path k_task_models = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/tasks/data";
/// Probabilities of float32 arithmetic on both sides.
inline constexpr double k_probability_tolerance = 1e-5;

inline eigenformer::Model task_model(const std::string& name) {
  return eigenformer::load(k_task_models / name, {.compute = eigenformer::Compute::exact, .threads = 2});
}

/// The calls of a task.
inline nlohmann::json recorded_calls(const std::string& model, const std::string& task,
                                     const std::string& file = "recorded.json") {
  return nlohmann::json::parse(std::ifstream(k_task_models / model / file)).at(task);
}

inline eigenformer::LongText long_text_of(const nlohmann::json& call) {
  return call.value("cut", false) ? eigenformer::LongText::cut : eigenformer::LongText::refuse;
}

inline eigenformer::TextPair pair_of(const nlohmann::json& call) {
  eigenformer::TextPair pair{.first = call.at("text").get_ref<const std::string&>()};
  if (!call.value("second", nlohmann::json()).is_null()) pair.second = call["second"].get_ref<const std::string&>();
  return pair;
}

/// Where the running test may write: other tests run beside it.
inline std::filesystem::path folder_of_test() {
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  return std::filesystem::path(EIGENFORMER_BINARY_DIR) / "tasks_test" / test.test_suite_name() / test.name();
}

/// A copy of a model's folder whose config.json says something else. A test may have one of each model at a time.
class ChangedModel {
 public:
  ChangedModel(const std::string& name, const nlohmann::json& changes) : path_(folder_of_test() / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_.parent_path());
    eigenformer_tests::copy_into(k_task_models / name, path_);
    change_file("config.json", [&](nlohmann::json& config) { config.update(changes); });
  }
  ~ChangedModel() { std::filesystem::remove_all(path_); }
  ChangedModel(const ChangedModel&) = delete;
  ChangedModel& operator=(const ChangedModel&) = delete;

  template <class Change>
  void change_file(const char* name, Change&& change) const {
    nlohmann::json value = nlohmann::json::parse(std::ifstream(path_ / name));
    change(value);
    std::ofstream(path_ / name) << value.dump(1);
  }
  void rename(const char* from, const char* to) const { std::filesystem::rename(path_ / from, path_ / to); }
  void remove(const char* name) const { std::filesystem::remove(path_ / name); }
  eigenformer::Model load() const { return eigenformer::load(path_, {.compute = eigenformer::Compute::exact}); }

 private:
  std::filesystem::path path_;
};

}  // namespace eigenformer_tests
