// The support table of docs/models.md: made from the registry and the golden models, never by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "eigenformer/arch/registry.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/golden.hpp"

namespace ef = eigenformer;
using eigenformer_tests::GoldenCase;

namespace {

constexpr std::string_view k_begin = "<!-- table: tests/arch/support_table_test.cpp -->\n";
constexpr std::string_view k_end = "<!-- end of table -->\n";

/// What the golden models of one architecture say about it.
struct Evidence {
  std::set<std::pair<ef::ModelKind, ef::ModelHead>> heads;
  std::set<std::string> classes;  ///< of Hugging Face, that a folder declares
  std::size_t folders = 0;
  std::size_t gguf_files = 0;
  double largest_difference = 0;  ///< max|a - b| / max|b| over every recorded tensor
};

double largest_difference(const GoldenCase& golden, const ef::Model& model) {
  const auto results = ef::forward(model, golden.input_ids(), golden.watching());
  double largest = 0;
  for (const std::string& name : golden.tensor_names()) {
    if (GoldenCase::is_input(name)) continue;
    const std::vector<float> expected = golden.tensor(name);
    const std::vector<float>& found = results.at(name).values;
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      difference = std::max(difference, std::abs(double{found.at(i)} - expected[i]));
      size = std::max(size, std::abs(double{expected[i]}));
    }
    largest = std::max(largest, difference / size);
  }
  return largest;
}

const char* task_of(ef::ModelKind kind, ef::ModelHead head) {
  switch (head) {
    case ef::ModelHead::none: return "hidden states";
    case ef::ModelHead::language_model:
      if (kind == ef::ModelKind::encoder) return "generation by a query stream";
      return kind == ef::ModelKind::decoder ? "generation, chat, perplexity" : "sequence to sequence";
    case ef::ModelHead::masked_language_model: return "masked tokens";
    case ef::ModelHead::pretraining: return "pretraining";
    case ef::ModelHead::next_sentence: return "next sentence";
    case ef::ModelHead::replaced_token: return "replaced tokens";
    case ef::ModelHead::sequence_classification: return "classes of texts";
    case ef::ModelHead::token_classification: return "classes of tokens";
    case ef::ModelHead::question_answering: return "answers in a text";
    case ef::ModelHead::multiple_choice: return "multiple choice";
  }
  return "";
}

std::string tasks_of(const Evidence& of) {
  std::string tasks;
  std::set<std::string> named;  // an encoder alone and one with its decoder may do the same
  for (const auto& [kind, head] : of.heads) {
    if (!named.insert(task_of(kind, head)).second) continue;
    tasks.append(tasks.empty() ? "" : ", ").append(task_of(kind, head));
  }
  return tasks;
}

std::set<std::string> classes_of(const GoldenCase& golden) {
  if (!std::filesystem::exists(golden.folder / "config.json")) return {};
  const auto config = nlohmann::json::parse(std::ifstream(golden.folder / "config.json"));
  return config.value("architectures", std::set<std::string>());
}

std::map<std::string, Evidence> evidence() {
  std::map<std::string, Evidence> found;
  for (const GoldenCase& golden : eigenformer_tests::all_golden_cases()) {
    const ef::Model model = ef::load(golden.model, {.compute = ef::Compute::exact, .threads = 2});
    Evidence& of = found[model.info().architecture];
    of.heads.insert({model.info().kind, model.info().head});
    of.classes.merge(classes_of(golden));
    ++(golden.model.extension() == ".gguf" ? of.gguf_files : of.folders);
    of.largest_difference = std::max(of.largest_difference, largest_difference(golden, model));
  }
  return found;
}

std::string code(std::string_view text) { return std::string("`").append(text).append("`"); }

std::string support_table() {
  std::string table =
      "| architecture | classes of Hugging Face | in GGUF files | tasks | golden folders | golden GGUF files | largest "
      "difference |\n"
      "|---|---|---|---|---|---|---|\n";
  const std::map<std::string, Evidence> found = evidence();
  for (const ef::arch::Architecture& architecture : ef::arch::architectures()) {
    const std::string name(architecture.name);
    const Evidence& of = found.contains(name) ? found.at(name) : Evidence{};
    std::string classes;
    for (const std::string_view one : architecture.hugging_face_classes) {
      classes.append(classes.empty() ? "" : ", ").append(code(one));
    }
    char difference[16];
    std::snprintf(difference, sizeof difference, "%.1e", of.largest_difference);
    const std::string gguf = architecture.gguf_name.empty() ? "-" : code(architecture.gguf_name);
    table.append("| ").append(code(name)).append(" | ").append(classes).append(" | ").append(gguf);
    table.append(" | ").append(tasks_of(of)).append(" | ").append(std::to_string(of.folders)).append(" | ");
    table.append(std::to_string(of.gguf_files)).append(" | ").append(difference).append(" |\n");
  }
  return table;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SupportTable, IsTheOneInTheDocumentation) {
  const std::string document = text_of(std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "docs/models.md");
  const std::size_t begin = document.find(k_begin) + k_begin.size();
  const std::size_t end = document.find(k_end);
  ASSERT_LE(begin, end);
  ASSERT_NE(end, std::string::npos);
  const std::string table = support_table();
  const std::filesystem::path corrected = std::filesystem::path(EIGENFORMER_BINARY_DIR) / "models.md";
  if (document.substr(begin, end - begin) != table) {
    std::ofstream(corrected) << document.substr(0, begin) + table + document.substr(end);
  }
  EXPECT_EQ(document.substr(begin, end - begin), table) << "copy " << corrected.string() << " to docs/models.md";
}

TEST(SupportTable, EveryClassHasGoldenModelsOfEachKindOfFile) {
  const std::map<std::string, Evidence> found = evidence();
  for (const ef::arch::Architecture& architecture : ef::arch::architectures()) {
    const std::string name(architecture.name);
    ASSERT_TRUE(found.contains(name)) << name << " has no folder below tests/golden";
    EXPECT_GE(found.at(name).folders, architecture.hugging_face_classes.empty() ? 0U : 1U) << name;
    EXPECT_GE(found.at(name).gguf_files, architecture.gguf_name.empty() ? 0U : 1U) << name;
    for (const std::string_view one : architecture.hugging_face_classes) {
      EXPECT_TRUE(found.at(name).classes.contains(std::string(one))) << one << " has no folder below tests/golden";
    }
  }
}

}  // namespace
