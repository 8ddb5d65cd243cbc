// Embeddings against sentence-transformers' semantics (tests/tasks/vectors/recipe.py), and what is refused.
#include "eigenformer/tasks/embed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/source_folder.hpp"

namespace ef = eigenformer;

namespace {

using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
using eigenformer_tests::k_source;
using Vectors = std::vector<std::vector<float>>;

const std::filesystem::path k_vectors = k_source / "tests/tasks/vectors";

/// Absolute, of numbers around 1: what float32 leaves of 1e-6 relative.
constexpr float k_tolerance = 5e-6F;

void expect_near(const Vectors& found, const Vectors& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t text = 0; text < found.size(); ++text) {
    ASSERT_EQ(found[text].size(), expected[text].size()) << what;
    for (std::size_t index = 0; index < found[text].size(); ++index) {
      ASSERT_NEAR(found[text][index], expected[text][index], k_tolerance) << what << " " << text << " " << index;
    }
  }
}

class SentenceFolder : public testing::TestWithParam<const char*> {
 protected:
  const std::filesystem::path folder_ = k_vectors / GetParam();
  const nlohmann::json golden_ = nlohmann::json::parse(std::ifstream(folder_ / "embeddings.json"));
  const std::vector<std::string> texts_ = golden_.at("texts");
  const ef::Model model_ = ef::load(folder_, {.threads = 2});
};

TEST_P(SentenceFolder, GivesTheRecordedVectors) {
  for (const auto& [prompt, expected] : golden_.at("embeddings").items()) {
    expect_near(ef::embed(model_, texts_, {.prompt_name = prompt}), expected.get<Vectors>(), prompt);
  }
  EXPECT_EQ(model_.info().embedding_size, golden_.at("embeddings").at("")[0].size());
}

TEST_P(SentenceFolder, GivesATextTheSameBitsAloneAndInCompany) {
  std::vector<std::string> many;
  for (std::size_t text = 0; text < 300; ++text) many.push_back(texts_[text * 5 % texts_.size()]);
  const Vectors together = ef::embed(model_, many);
  for (const std::size_t text : {0, 7, 255, 256, 299}) EXPECT_EQ(ef::embed(model_, many[text]), together[text]);
}

INSTANTIATE_TEST_SUITE_P(Folders, SentenceFolder, testing::Values("mean", "layers", "prompts", "ends"),
                         [](const auto& instance) { return std::string(instance.param); });

// ---- models without modules.json
// -------------------------------------------------------------------------------------

/// The last hidden states of a text, from forward(): [tokens][width].
Vectors hidden_states(const ef::Model& model, const std::string& text) {
  const ef::Tensor last = ef::forward(model, model.tokenizer().encode(text), {.hidden_states = true})
                              .at("hidden_states." + std::to_string(model.info().layers));
  Vectors rows;
  const auto width = static_cast<std::ptrdiff_t>(model.info().hidden_size);
  for (auto at = last.values.begin(); at != last.values.end(); at += width) rows.emplace_back(at, at + width);
  return rows;
}

TEST(EmbedDecoder, TakesTheLastTokenAtLengthOne) {
  const ef::Model model = ef::load(k_source / "tests/golden/gguf/f32/model.gguf");
  const std::vector<std::string> texts{"hello the user", "a", "hello hello hello the world"};
  Vectors expected;
  for (const std::string& text : texts) expected.push_back(hidden_states(model, text).back());
  EXPECT_EQ(ef::embed(model, texts, {.normalize = false}), expected);
  for (std::vector<float>& vector : expected) {
    double squares = 0.0;
    for (const float value : vector) squares += static_cast<double>(value) * value;
    for (float& value : vector) value = static_cast<float>(value / std::sqrt(squares));
  }
  EXPECT_EQ(ef::embed(model, texts), expected);
  EXPECT_EQ(model.info().embedding_size, model.info().hidden_size);
}

TEST(EmbedPooling, EachIsItsFormula) {
  const ef::Model model = ef::load(k_source / "tests/golden/gguf/f32/model.gguf");
  const std::string text = "hello the user";
  const Vectors rows = hidden_states(model, text);
  ASSERT_GT(rows.size(), 2U);
  std::vector<double> greatest(rows[0].begin(), rows[0].end()), sum(rows[0].size()), weighted(rows[0].size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t index = 0; index < sum.size(); ++index) {
      greatest[index] = std::max<double>(greatest[index], rows[row][index]);
      sum[index] += rows[row][index];
      weighted[index] += static_cast<double>(row + 1) * rows[row][index];
    }
  }
  const auto n = static_cast<double>(rows.size());
  const auto expect = [&](ef::Pooling pooling, const std::vector<double>& values, double divisor) {
    const std::vector<float> found = ef::embed(model, text, {.pooling = pooling, .normalize = false});
    ASSERT_EQ(found.size(), values.size());
    for (std::size_t index = 0; index < found.size(); ++index) {
      EXPECT_NEAR(found[index], values[index] / divisor, 1e-6) << static_cast<int>(pooling) << " " << index;
    }
  };
  expect(ef::Pooling::cls, {rows[0].begin(), rows[0].end()}, 1.0);
  expect(ef::Pooling::last, {rows.back().begin(), rows.back().end()}, 1.0);
  expect(ef::Pooling::max, greatest, 1.0);
  expect(ef::Pooling::mean, sum, n);
  expect(ef::Pooling::mean_sqrt_length, sum, std::sqrt(n));
  expect(ef::Pooling::weighted_mean, weighted, n * (n + 1) / 2);
}

TEST(EmbedLength, IsCutOrRefused) {
  const ef::Model folder = ef::load(k_vectors / "mean");
  std::string text, words;
  for (int word = 0; word < 40; ++word) text += "door ";
  for (int word = 0; word < 14; ++word) words += "door ";
  EXPECT_EQ(ef::embed(folder, text), ef::embed(folder, words));  // 16 tokens with [CLS] and [SEP]
  EXPECT_EQ(ef::embed(folder, text, {.max_length = 5}), ef::embed(folder, "door door door"));
  EXPECT_EQ(error_of([&] { ef::embed(folder, text, {.long_text = ef::LongText::refuse}); }),
            "usage.prompt_too_long: text 0: expected at most 16 tokens, found 42; shorten the text, or have it cut: "
            "LongText::cut, --truncate");
  const ef::Model decoder = ef::load(k_source / "tests/golden/gguf/f32/model.gguf");
  for (int more = 0; more < 10; ++more) text += text;
  const std::vector<std::string> texts{"a", text};
  EXPECT_EQ(error_id_of([&] { ef::embed(decoder, texts); }), "usage.prompt_too_long");
  EXPECT_NO_THROW(ef::embed(decoder, texts, {.max_length = 9, .long_text = ef::LongText::cut}));
}

TEST(EmbedErrors, EachIsOneSentence) {
  const ef::Model prompts = ef::load(k_vectors / "prompts");
  const std::string where = prompts.info().source;
  EXPECT_EQ(error_of([&] { ef::embed(prompts, "x", {.prompt_name = "document"}); }),
            "usage.prompt_name: " + where +
                ": expected one of passage, query, found 'document'; give one of the "
                "names, or the text itself as EmbedOptions::prompt");
  EXPECT_EQ(error_id_of([] { ef::embed(ef::load(k_vectors / "mean"), "x", {.prompt_name = "q"}); }),
            "usage.prompt_name");
  const ef::Model layers = ef::load(k_vectors / "layers");
  EXPECT_EQ(error_of([&] { ef::embed(layers, "x", {.pooling = ef::Pooling::mean}); }),
            "usage.pooling: " + layers.info().source +
                ": expected a pooling that gives 40 numbers, which the model's layers over it read, found 20; leave "
                "the pooling to the model");
  const ef::Model decoder = ef::load(k_source / "tests/golden/gguf/f32/model.gguf");
  const std::vector<std::string> texts{"a", ""};
  EXPECT_EQ(error_of([&] { ef::embed(decoder, texts); }),
            "usage.prompt_empty: text 1: expected at least one token, found none; leave empty texts out: this model "
            "has no token that stands for one");
  EXPECT_EQ(error_id_of([] { ef::embed(ef::load(k_source / "tests/golden/llama/default"), "x"); }),
            "tokenizer.missing");
  const std::atomic<bool> cancel = true;
  EXPECT_EQ(ef::try_embed(layers, "x", {.cancel = &cancel}).error().id, "cancelled.task");
  EXPECT_TRUE(ef::embed(layers, std::vector<std::string>{}).empty());
}

TEST(CosineSimilarity, IsTheFormula) {
  const std::vector<float> a{1, 2, 2}, b{2, 0, 0}, none{0, 0, 0}, longer{1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(ef::cosine_similarity(a, b), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(ef::cosine_similarity(a, a), 1.0);
  EXPECT_EQ(ef::cosine_similarity(a, none), 0.0);
  EXPECT_EQ(error_of([&] { ef::cosine_similarity(a, longer); }),
            "usage.vector_sizes: expected two vectors of one size, found 3 and 4 numbers; compare embeddings of one "
            "model");
  EXPECT_FALSE(ef::try_cosine_similarity(a, longer).ok());
}

// ---- modules.json
// ----------------------------------------------------------------------------------------------------

/// A copy of the folder "layers" in which one file has another text.
class ChangedFolder {
 public:
  ChangedFolder(const std::string& file, const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("eigenformer_sentence_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(path_);
    eigenformer_tests::copy_into(k_vectors / "layers", path_);
    std::ofstream(path_ / file) << text;
  }
  ~ChangedFolder() { std::filesystem::remove_all(path_); }
  ChangedFolder(const ChangedFolder&) = delete;
  ChangedFolder& operator=(const ChangedFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// The error of `embed`, without the path of this folder.
  std::string error() const {
    std::string text = error_of([&] { ef::embed(ef::load(path_), "x"); });
    for (std::size_t at; (at = text.find(path_.generic_string())) != std::string::npos;)
      text.erase(at, path_.generic_string().size());
    return text;
  }

 private:
  std::filesystem::path path_;
};

std::string modules_json(const std::vector<std::pair<std::string, std::string>>& kinds_and_paths) {
  nlohmann::json list =
      nlohmann::json::array({{{"type", "sentence_transformers.models.Transformer"}, {"path", "0_Transformer"}}});
  for (const auto& [kind, path] : kinds_and_paths) {
    list.push_back({{"type", "sentence_transformers.models." + kind}, {"path", path}});
  }
  return list.dump();
}

TEST(SentenceModulesErrors, ModulesAreStrict) {
  const std::string remedy =
      "; use a model of these modules, or take modules.json away and choose the pooling yourself";
  const std::string order =
      "config.sentence_module: /modules.json: expected Transformer, Pooling, any number of "
      "Dense, and Normalize, in this order, found ";
  EXPECT_EQ(ChangedFolder("modules.json", modules_json({{"Pooling", "1_Pooling"}, {"CNN", "2_CNN"}})).error(),
            order + "CNN as module 2" + remedy);
  EXPECT_EQ(ChangedFolder("modules.json", modules_json({{"Dense", "2_Dense"}})).error(),
            order + "Dense as module 1" + remedy);
  EXPECT_EQ(ChangedFolder("modules.json", modules_json({})).error(),
            "config.sentence_module: /modules.json: expected a module Pooling, found none" + remedy);
  EXPECT_EQ(
      ChangedFolder("modules.json", modules_json({{"Pooling", "../1_Pooling"}})).error(),
      "config.sentence_module: /modules.json: expected a folder below the model's own, found '../1_Pooling'" + remedy);
}

TEST(SentenceModulesErrors, KeysAreStrict) {
  const auto id = [](const std::string& file, const std::string& text) {
    const std::string error = ChangedFolder(file, text).error();
    return error.substr(0, error.find(": "));
  };
  const std::string pooling = "1_Pooling/config.json";
  EXPECT_EQ(id(pooling, R"({"word_embedding_dimension": 20, "pooling_mode_other": true})"), "config.unknown_key");
  EXPECT_EQ(id(pooling, R"({"word_embedding_dimension": 21, "pooling_mode_mean_tokens": true})"), "config.value");
  EXPECT_EQ(id(pooling, R"({"word_embedding_dimension": 20, "pooling_mode": "sum"})"), "config.value");
  const std::string dense = "2_Dense/config.json";
  EXPECT_EQ(id(dense, R"({"in_features": 40, "out_features": 8})"), "weight.shape");
  EXPECT_EQ(id(dense, R"({"in_features": 40, "out_features": 7, "bias": false})"), "weight.extra");
  EXPECT_EQ(id(dense, R"({"in_features": 20, "out_features": 7})"), "config.value");
  EXPECT_EQ(id(dense, R"({"in_features": 40, "out_features": 7, "activation_function": "os.system"})"), "config.value");
  EXPECT_EQ(id("0_Transformer/sentence_bert_config.json", R"({"max_seq_length": 9, "do_lower_case": true})"),
            "config.value");
  EXPECT_EQ(id("config_sentence_transformers.json", R"({"prompts": {"a": "b"}, "default_prompt_name": "c"})"),
            "config.value");
  EXPECT_EQ(id("config_sentence_transformers.json", R"({"truncate_dim": 3})"), "config.unknown_key");
}

TEST(SentenceModulesErrors, NonsenseIsAnError) {
  for (const char* text : {"[1]", "{\"a\": 1}", "[]", "[{\"type\": 1, \"path\": \"\"}]"}) {
    EXPECT_TRUE(ChangedFolder("modules.json", text).error().starts_with("config.sentence_module: ")) << text;
  }
  EXPECT_TRUE(ChangedFolder("modules.json", "[").error().starts_with("format.json_syntax: "));
}

TEST(SentenceModulesErrors, OtherTasksDoWithoutThem) {
  const ChangedFolder folder("1_Pooling/config.json", R"({"pooling_mode_other": true})");
  const ef::Model model = ef::load(folder.path());
  EXPECT_TRUE(ef::forward(model, model.tokenizer().encode("x")).contains("last_hidden_state"));
  EXPECT_FALSE(ef::try_embed(model, "x").ok());
}

}  // namespace
