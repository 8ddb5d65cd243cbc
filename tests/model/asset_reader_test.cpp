// Models out of the host's own files, and loading in the background.
#include "eigenformer/asset_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/load_async.hpp"

namespace asset_reader_test {

namespace ef = eigenformer;

const std::filesystem::path k_gguf =
    std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/gguf/q4_1/model.gguf";
const std::vector<ef::TokenId> k_ids = {3, 1, 4, 1, 5, 9, 2, 6};

std::vector<float> logits_of(const ef::Model& model) { return ef::forward(model, k_ids).at("logits").values; }

/// A file that lies encrypted in memory, and what a test wants of it.
class EncryptedAsset final : public ef::AssetReader {
 public:
  EncryptedAsset() {
    std::ifstream file(k_gguf, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t index = 0; index < text.size(); ++index)
      bytes_.push_back(static_cast<char>(text[index] ^ key(index)));
  }
  std::uint64_t size() const override { return bytes_.size() - missing; }
  bool read(std::uint64_t offset, std::span<std::byte> out) const override {
    EXPECT_LE(offset + out.size(), size());
    ++reads;
    if (on_read) on_read();
    if (reads > readable) return false;
    for (std::size_t index = 0; index < out.size(); ++index) {
      out[index] = static_cast<std::byte>(bytes_[offset + index] ^ key(offset + index));
    }
    return true;
  }
  std::string name() const override { return "world.pack/guide"; }

  std::size_t readable = 1000000;  ///< reads before it fails
  std::size_t missing = 0;         ///< bytes at the end
  std::function<void()> on_read;
  mutable std::atomic<std::size_t> reads{0};

 private:
  static char key(std::uint64_t index) { return static_cast<char>(index * 37 + 11); }
  std::vector<char> bytes_;
};

TEST(AssetReader, LoadsTheSameModel) {
  const auto asset = std::make_shared<EncryptedAsset>();
  const ef::Model model = ef::load_from_reader(asset, {.threads = 1});
  EXPECT_EQ(logits_of(model), logits_of(ef::load(k_gguf)));
  EXPECT_EQ(model.info().source, "world.pack/guide");
  EXPECT_EQ(model.info().format, "GGUF");
  EXPECT_GT(asset->reads, 10U);     // tensor by tensor
  EXPECT_EQ(asset.use_count(), 1);  // it is not kept
}

/// A reader that fails at any place fails the load, which says so and keeps nothing.
TEST(AssetReader, MayFailAtAnyRead) {
  const auto asset = std::make_shared<EncryptedAsset>();
  ef::load_from_reader(asset, {.threads = 1});
  const std::size_t reads = asset->reads;
  for (std::size_t readable = 0; readable < reads; ++readable) {
    asset->reads = 0;
    asset->readable = readable;
    const auto error = ef::try_load_from_reader(asset, {.threads = 1}).error();
    EXPECT_EQ(error.id, "system.reader_failed");
    EXPECT_THAT(error.line(), testing::HasSubstr("world.pack/guide, byte "));
    EXPECT_EQ(asset.use_count(), 1);
  }
}

TEST(AssetReader, MayThrow) {
  const auto asset = std::make_shared<EncryptedAsset>();
  asset->on_read = [] { throw std::runtime_error("the archive is gone"); };
  const auto error = ef::try_load_from_reader(asset).error();
  EXPECT_EQ(error.line(),
            "error[system.reader_failed]: world.pack/guide, byte 0: expected the host's reader to read, found the "
            "archive is gone; see to the host's own file");
  asset->on_read = [] { throw std::bad_alloc(); };
  EXPECT_EQ(ef::try_load_from_reader(asset).error().id, "system.memory");
}

TEST(AssetReader, MayBeCutShortOrAbsent) {
  const auto asset = std::make_shared<EncryptedAsset>();
  for (const std::size_t missing : {std::size_t{1}, std::size_t{2000}, static_cast<std::size_t>(asset->size())}) {
    asset->missing = missing;
    EXPECT_THAT(ef::try_load_from_reader(asset).error().id, testing::StartsWith("format.")) << missing;
  }
  EXPECT_EQ(ef::try_load_from_reader(std::shared_ptr<const ef::AssetReader>()).error().id, "usage.no_reader");
}

TEST(LoadAsync, LoadsTheSameModel) {
  const std::vector<float> expected = logits_of(ef::load(k_gguf));
  std::atomic<std::size_t> calls{0};
  ef::LoadingModel loading = ef::load_async(k_gguf, {.progress = [&](auto, auto) { return ++calls > 0; }});
  while (!loading.ready()) std::this_thread::yield();
  EXPECT_EQ(loading.progress(), 1);
  EXPECT_EQ(logits_of(loading.get().value()), expected);
  EXPECT_EQ(logits_of(loading.get().value()), expected);  // as often as one likes
  EXPECT_GT(calls, 10U);
  EXPECT_EQ(logits_of(ef::load_async(std::make_shared<EncryptedAsset>()).get().value()), expected);
}

TEST(LoadAsync, SaysWhatIsWrong) {
  EXPECT_EQ(ef::load_async("no/such/model.gguf").get().error().id, "system.file_open");
  EXPECT_EQ(ef::load_async(std::shared_ptr<const ef::AssetReader>()).get().error().id, "usage.no_reader");
}

/// A reader that waits shows what is seen in the middle of a load.
TEST(LoadAsync, CanBeCancelledInTheMiddle) {
  const auto asset = std::make_shared<EncryptedAsset>();
  std::atomic<bool> goes_on{false}, waits{false};
  asset->on_read = [&] {
    if (asset->reads != 12) return;
    waits = true;
    while (!goes_on) std::this_thread::yield();
  };
  ef::LoadingModel loading = ef::load_async(asset, {.threads = 1});
  while (!waits) std::this_thread::yield();
  EXPECT_FALSE(loading.ready());
  EXPECT_GT(loading.progress(), 0);
  EXPECT_LT(loading.progress(), 1);
  loading.cancel();
  goes_on = true;
  EXPECT_EQ(loading.get().error().id, "cancelled.load");
}

/// Whoever lets go of it waits for nothing but the tensor at hand.
TEST(LoadAsync, EndsWithItsObject) {
  const auto asset = std::make_shared<EncryptedAsset>();
  std::atomic<std::size_t> begun{0};
  asset->on_read = [&] { ++begun; };
  {
    ef::LoadingModel loading = ef::load_async(asset, {.threads = 1});
    while (begun == 0) std::this_thread::yield();
    loading = ef::load_async(asset, {.threads = 1});
    const ef::LoadingModel moved = std::move(loading);
  }
  EXPECT_EQ(asset.use_count(), 1);
}

}  // namespace asset_reader_test
