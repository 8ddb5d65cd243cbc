// A folder as microsoft/DialoGPT-large lies on the hub (tests/golden/torch/dialogpt_recipe.py): pytorch_model.bin in
// the older form, vocab.json and merges.txt, and no file that names a class of tokenizer. It must load and talk as it
// does in transformers.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/relative_difference.hpp"

namespace ef = eigenformer;
namespace fs = std::filesystem;

namespace {

const fs::path k_folder = fs::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/torch/dialogpt";

nlohmann::json recorded() { return nlohmann::json::parse(std::ifstream(k_folder / "chat.json")); }

std::vector<float> expected(const std::string& name) {
  const auto file = ef::format::open_safetensors(ef::format::file_source(k_folder / "expected.safetensors"));
  for (const auto& entry : file->entries()) {
    if (entry.name == name) return ef::format::decode_f32(file->read(entry));
  }
  return {};
}

/// Each recorded conversation, greedy, turn by turn.
void expect_talks(const ef::Model& model) {
  const nlohmann::json record = recorded();
  for (const auto& talk : record.at("talks")) {
    ef::Chat chat(model, {.generation = {.max_new_tokens = 40, .temperature = 0}});
    for (std::size_t turn = 0; turn < talk.at("messages").size(); ++turn) {
      EXPECT_EQ(chat.ask(talk.at("messages")[turn].get<std::string>()), talk.at("replies")[turn].get<std::string>());
    }
    EXPECT_EQ(chat.messages().size(), 4U);
  }
}

TEST(TorchFolder, LoadsAsDownloaded) {
  const ef::Model model = ef::load(k_folder);
  EXPECT_EQ(model.info().format, "PyTorch");
  EXPECT_EQ(model.info().architecture, "gpt2");
  EXPECT_EQ(model.info().weight_types, "F16");
  EXPECT_EQ(model.info().source, (k_folder / "pytorch_model.bin").generic_string());
  ASSERT_TRUE(model.has_tokenizer());
  EXPECT_EQ(model.tokenizer().end_of_sequence(), ef::TokenId(model.info().vocabulary_size - 1));
}

TEST(TorchFolder, LogitsAreThoseOfTransformers) {
  const ef::Model model = ef::load(k_folder, {.compute = ef::Compute::exact});
  const std::vector<float> ids = expected("input_ids"), wanted = expected("logits");
  const std::vector<float> found =
      ef::forward(model, std::vector<ef::TokenId>(ids.begin(), ids.end())).at("logits").values;
  ASSERT_GE(wanted.size(), 61U * 321U);
  const double difference = eigenformer_tests::relative_difference(found, wanted);
  EXPECT_LE(difference, recorded().at("tolerance").get<double>());
  RecordProperty("largest_relative_difference", std::to_string(difference));
}

TEST(TorchFolder, TalksAsInTransformers) {
  expect_talks(ef::load(k_folder));
  expect_talks(ef::load(k_folder, {.compute = ef::Compute::exact}));
}

TEST(TorchFolder, NeedsNoTokenizerConfig) {
  const fs::path bare = fs::path(testing::TempDir()) / "eigenformer_torch_folder";
  fs::remove_all(bare);
  fs::create_directories(bare);
  for (const char* file : {"config.json", "pytorch_model.bin", "vocab.json", "merges.txt"}) {
    fs::copy(k_folder / file, bare / file);
  }
  expect_talks(ef::load(bare));
  fs::remove_all(bare);
}

}  // namespace
