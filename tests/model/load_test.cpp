// Loading: from a path, from memory, watched and cancelled, and what wrong files get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/copy_into.hpp"

namespace ef = eigenformer;
using testing::HasSubstr;

namespace {

const std::filesystem::path k_golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";
const std::filesystem::path k_llama = k_golden / "llama/default";
const std::filesystem::path k_gguf = k_golden / "gguf/q4_1/model.gguf";
const std::vector<ef::TokenId> k_ids = {3, 1, 4, 1, 5, 9, 2, 6};

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

/// A copy of a golden folder whose config.json a test may change.
class FolderCopy {
 public:
  explicit FolderCopy(const std::string& name)
      : path_(std::filesystem::path(EIGENFORMER_BINARY_DIR) / "load_test" / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    for (const char* file : {"config.json", "model.safetensors"}) eigenformer_tests::copy_into(k_llama / file, path_);
  }
  ~FolderCopy() { std::filesystem::remove_all(path_); }
  FolderCopy(const FolderCopy&) = delete;
  FolderCopy& operator=(const FolderCopy&) = delete;

  template <class Change>
  void change_config(Change&& change) const {
    nlohmann::json config = nlohmann::json::parse(std::ifstream(path_ / "config.json"));
    change(config);
    std::ofstream(path_ / "config.json") << config.dump(1);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

ef::ErrorReport error_of(const std::filesystem::path& path, const ef::LoadOptions& options = {}) {
  const ef::Result<ef::Model> result = ef::try_load(path, options);
  EXPECT_FALSE(result.ok());
  return result.ok() ? ef::ErrorReport{} : result.error();
}

TEST(Load, TellsWhatItLoaded) {
  const ef::Model model = ef::load(k_llama, {.threads = 2});
  const ef::ModelInfo& info = model.info();
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.format, "safetensors");
  EXPECT_EQ(info.weight_types, "F32");
  EXPECT_EQ(info.kind, ef::ModelKind::decoder);
  EXPECT_EQ(info.vocabulary_size, 131U);
  EXPECT_EQ(info.hidden_size, 48U);
  EXPECT_EQ(info.layers, 2U);
  EXPECT_EQ(info.heads, 6U);
  EXPECT_EQ(info.context_length, 128U);
  EXPECT_EQ(info.threads, 2U);
  EXPECT_EQ(info.cache, ef::CacheElement::f16);
  EXPECT_EQ(ef::load(k_llama, {.compute = ef::Compute::exact}).info().cache, ef::CacheElement::f32);
}

TEST(Load, CacheBytesArePages) {
  const ef::Model model = ef::load(k_llama, {.cache = ef::CacheElement::f32});
  const std::uint64_t page = 2U * 2U * 2U * 32U * 12U * 4U;  // layers, key heads, keys and values, slots, head_dim, f32
  EXPECT_EQ(model.cache_bytes(0), 0U);
  EXPECT_EQ(model.cache_bytes(1), page);
  EXPECT_EQ(model.cache_bytes(32), page);
  EXPECT_EQ(model.cache_bytes(33), 2 * page);
}

TEST(Load, FromMemoryIsTheSameModel) {
  std::vector<std::byte> bytes = bytes_of(k_gguf);
  const ef::Model from_memory = ef::load_from_memory(bytes);
  std::fill(bytes.begin(), bytes.end(), std::byte{0xFF});  // the bytes are not needed any more
  const ef::Model from_path = ef::load(k_gguf);
  EXPECT_EQ(ef::forward(from_memory, k_ids).at("logits").values, ef::forward(from_path, k_ids).at("logits").values);
  EXPECT_EQ(from_path.info().format, "GGUF");
  EXPECT_THAT(from_path.info().weight_types, HasSubstr("Q4_1"));
}

TEST(Load, ReportsProgressUpToTheEnd) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;
  ef::load(k_llama, {.progress = [&](std::uint64_t done, std::uint64_t total) {
             seen.emplace_back(done, total);
             return true;
           }});
  ASSERT_FALSE(seen.empty());
  for (std::size_t index = 1; index < seen.size(); ++index) EXPECT_GE(seen[index].first, seen[index - 1].first);
  EXPECT_EQ(seen.back().first, seen.back().second);
}

TEST(Load, CanBeCancelledAtEveryTensor) {
  for (std::size_t allowed = 0; allowed < 20; ++allowed) {
    std::size_t calls = 0;
    const auto error = error_of(k_llama, {.progress = [&](auto, auto) { return calls++ < allowed; }});
    EXPECT_EQ(error.id, "cancelled.load");
    EXPECT_EQ(calls, allowed + 1);
  }
}

TEST(Load, AnAbsentPathIsAnError) {
  const auto error = error_of("no/such/model.gguf");
  EXPECT_EQ(error.id, "system.file_open");
  EXPECT_THAT(error.line(), HasSubstr("no/such/model.gguf"));
}

TEST(Load, AFolderWithoutConfigIsAnError) {
  const auto error = error_of(k_golden);
  EXPECT_THAT(error.line(), HasSubstr("config.json"));
}

TEST(Load, AnUnknownArchitectureListsTheKnownOnes) {
  const FolderCopy folder("architecture");
  folder.change_config([](auto& config) { config["architectures"] = {"MambaForCausalLM"}; });
  const auto error = error_of(folder.path());
  EXPECT_EQ(error.id, "config.architecture");
  EXPECT_THAT(error.expected, HasSubstr("LlamaForCausalLM"));
  EXPECT_THAT(error.found, HasSubstr("MambaForCausalLM"));
}

TEST(Load, AnUnknownKeyIsAnErrorThatNamesIt) {
  const FolderCopy folder("unknown_key");
  folder.change_config([](auto& config) { config["use_sliding_window"] = true; });
  const auto error = error_of(folder.path());
  EXPECT_EQ(error.id, "config.unknown_key");
  EXPECT_THAT(error.line(), HasSubstr("use_sliding_window"));

  const ef::Model model = ef::load(folder.path(), {.unknown_keys = ef::UnknownConfigKeys::report});
  EXPECT_THAT(model.info().reports, testing::Contains(HasSubstr("use_sliding_window")));
}

TEST(Load, KeysThatAreNullFalseOrEmptyPass) {
  const FolderCopy folder("empty_keys");
  folder.change_config([](auto& config) {
    config["use_sliding_window"] = false;
    config["sliding_window"] = nullptr;
    config["pruned_heads"] = nlohmann::json::object();
  });
  EXPECT_TRUE(ef::try_load(folder.path()).ok());
}

TEST(Load, SizesThatDoNotFitTheWeightsAreErrors) {
  struct Case {
    const char* key;
    nlohmann::json value;
    const char* id;
  };
  const Case cases[] = {{"num_hidden_layers", 3, "weight.missing"}, {"num_hidden_layers", 1, "weight.extra"},
                        {"intermediate_size", 53, "weight.shape"},  {"vocab_size", 130, "weight.shape"},
                        {"num_hidden_layers", 0, "config.range"},   {"num_attention_heads", 0, "config.range"},
                        {"num_key_value_heads", 4, "config.value"}, {"head_dim", 11, "config.value"},
                        {"hidden_size", -48, "config.range"},       {"hidden_size", "48", "config.type"},
                        {"num_hidden_layers", 1e9, "config.type"},  {"rms_norm_eps", 0, "config.range"},
                        {"hidden_act", "gelu", "config.value"},     {"num_hidden_layers", 2000000, "config.range"},
                        {"rope_parameters", "fast", "config.type"}, {"vocab_size", 4000000000, "config.range"}};
  for (const Case& bad : cases) {
    const FolderCopy folder("sizes");
    folder.change_config([&](auto& config) { config[bad.key] = bad.value; });
    const auto error = error_of(folder.path());
    EXPECT_EQ(error.id, bad.id) << bad.key << " = " << bad.value << ": " << error.line();
    EXPECT_FALSE(error.remedy.empty());
  }
}

TEST(Load, AMissingTensorIsNamed) {
  const FolderCopy folder("missing_tensor");
  folder.change_config([](auto& config) { config["num_hidden_layers"] = 3; });
  EXPECT_THAT(error_of(folder.path()).line(), HasSubstr("model.layers.2.input_layernorm.weight"));
}

TEST(Load, AnUnknownInstructionSetIsAnError) {
  EXPECT_EQ(error_of(k_llama, {.instruction_set = "mmx"}).id, "usage.unknown_isa");
}

TEST(Load, ATokenBeyondTheVocabularyIsAnError) {
  const ef::Model model = ef::load(k_llama);
  for (const ef::TokenId bad : {-1, 131, 1 << 30}) {
    const auto result = ef::try_forward(model, std::vector<ef::TokenId>{1, bad});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().id, "usage.token_id");
  }
}

}  // namespace
