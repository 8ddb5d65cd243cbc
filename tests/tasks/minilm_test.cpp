// all-MiniLM-L6-v2, the real one, against transformers (tests/tasks/minilm/recipe.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/tasks.hpp"
#include "tests/support/default_model.hpp"

namespace ef = eigenformer;

namespace {

class MiniLm : public testing::Test {
 protected:
  void SetUp() override {
    path_ = eigenformer_tests::fetched_model("all-minilm-l6-v2");
    if (!std::filesystem::exists(path_)) {
      GTEST_SKIP() << "all-minilm-l6-v2 is not there: run models/fetch all-minilm-l6-v2";
    }
  }
  std::filesystem::path path_;
  const std::filesystem::path folder_ = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/tasks/minilm";
  const std::vector<std::string> texts_ =
      nlohmann::json::parse(std::ifstream(folder_ / "texts.json")).get<std::vector<std::string>>();
};

TEST_F(MiniLm, GivesTheVectorsOfTransformers) {
  const auto file = ef::format::open_safetensors(ef::format::file_source(folder_ / "embeddings.safetensors"));
  const std::vector<float> expected = ef::format::decode_f32(file->read(file->entries()[0]));
  const ef::Model model = ef::load(path_);
  ASSERT_EQ(model.info().embedding_size, 384U);
  const auto vectors = ef::embed(model, texts_);
  ASSERT_EQ(vectors.size() * 384, expected.size());
  float largest = 0.0F;
  for (std::size_t index = 0; index < expected.size(); ++index) {
    largest = std::max(largest, std::abs(vectors[index / 384][index % 384] - expected[index]));
  }
  EXPECT_LT(largest, 1e-5F);
  RecordProperty("largest_difference", std::to_string(largest));
}

TEST_F(MiniLm, FindsWhatMeansTheSame) {
  const ef::Model model = ef::load(path_);
  const auto vectors = ef::embed(model, std::span(texts_).first(4));
  EXPECT_GT(ef::cosine_similarity(vectors[1], vectors[2]), ef::cosine_similarity(vectors[1], vectors[3]) + 0.3);
}

}  // namespace
