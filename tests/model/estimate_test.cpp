// What a model would take is what it takes when it is loaded.
#include "eigenformer/estimate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/copy_into.hpp"
#include "tests/support/default_model.hpp"
#include "tests/support/golden.hpp"

namespace estimate_test {

namespace ef = eigenformer;

void expect_as_loaded(const std::filesystem::path& path, const ef::LoadOptions& options) {
  const ef::MemoryEstimate estimate = ef::estimate(path, options);
  const ef::Model model = ef::load(path, options);
  EXPECT_EQ(estimate.architecture, model.info().architecture);
  EXPECT_EQ(estimate.parameters, model.info().parameters);
  EXPECT_EQ(estimate.weight_bytes, model.info().weight_bytes);
  EXPECT_EQ(estimate.context_length, model.info().context_length);
  for (const std::size_t tokens : {0U, 1U, 32U, 33U, 1000U}) {
    EXPECT_EQ(estimate.cache_bytes(tokens), model.cache_bytes(tokens)) << tokens;
  }
  EXPECT_GT(estimate.largest_tensor_bytes, 0U);
}

TEST(Estimate, IsWhatEachGoldenModelTakes) {
  for (const eigenformer_tests::GoldenCase& golden : eigenformer_tests::all_golden_cases()) {
    SCOPED_TRACE(golden.name);
    expect_as_loaded(golden.model, {.threads = 1});
    expect_as_loaded(golden.model, {.weights = ef::Weights::q8, .cache = ef::CacheElement::int8, .threads = 1});
    expect_as_loaded(golden.model, {.compute = ef::Compute::exact, .weights = ef::Weights::q4, .threads = 1});
  }
}

/// Counts the bytes that are read.
class CountingFile final : public ef::AssetReader {
 public:
  explicit CountingFile(const std::filesystem::path& path)
      : file_(path, std::ios::binary), size_(std::filesystem::file_size(path)) {}
  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t offset, std::span<std::byte> out) const override {
    const std::lock_guard lock(mutex_);
    bytes += out.size();
    file_.seekg(static_cast<std::streamoff>(offset));
    return file_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size())).good();
  }
  std::string name() const override { return "the default model"; }
  mutable std::atomic<std::uint64_t> bytes{0};

 private:
  mutable std::mutex mutex_;
  mutable std::ifstream file_;
  std::uint64_t size_;
};

TEST(Estimate, ReadsNoMatrix) {
  const std::filesystem::path path = eigenformer_tests::default_model();
  const auto file = std::make_shared<CountingFile>(path);
  const ef::MemoryEstimate estimate = ef::estimate(file);
  EXPECT_EQ(estimate.weight_bytes, ef::load(path).info().weight_bytes);
  EXPECT_LT(file->bytes, file->size() / 20);  // the vocabulary, and the norms
  EXPECT_EQ(file.use_count(), 1);
}

TEST(Estimate, IsNoLoadThatIsWatched) {
  const ef::LoadOptions stopped{.progress = [](auto, auto) { return false; }};
  const std::filesystem::path llama = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/llama/default";
  EXPECT_GT(ef::estimate(llama, stopped).weight_bytes, 0U);
}

TEST(Estimate, SaysWhatIsInTheWay) {
  EXPECT_EQ(ef::try_estimate("no/such/model.gguf").error().id, "system.file_open");
  EXPECT_EQ(ef::try_estimate(std::shared_ptr<const ef::AssetReader>()).error().id, "usage.no_reader");
  const std::filesystem::path golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";
  const std::filesystem::path folder = std::filesystem::path(EIGENFORMER_BINARY_DIR) / "estimate_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  eigenformer_tests::copy_into(golden / "llama/default/config.json", folder);
  EXPECT_EQ(ef::try_estimate(folder).error().id, "system.no_weights");
  eigenformer_tests::copy_into(golden / "llama/biases/model.safetensors", folder);  // another model's
  EXPECT_EQ(ef::try_estimate(folder).error().id, ef::try_load(folder).error().id);
  EXPECT_THAT(ef::try_estimate(folder).error().id, testing::StartsWith("weight."));
  std::filesystem::remove_all(folder);
}

}  // namespace estimate_test
