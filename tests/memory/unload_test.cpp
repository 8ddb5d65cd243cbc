// Unloading frees all, and a load that fails leaves nothing: memory, threads and open files are as they were.
//
// One use of each kind goes first. What stays of that is the table of Unicode's properties of characters
// (tokenize/character_properties.hpp, 128 KiB), which the first text that is tokenized makes: once for the process,
// whatever is loaded and unloaded afterwards.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/estimate.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/load_async.hpp"
#include "eigenformer/scheduler.hpp"
#include "eigenformer/tasks.hpp"
#include "tests/support/default_model.hpp"
#include "tests/support/failing_allocator.hpp"
#include "tests/support/packed_folder.hpp"
#include "tests/support/source_folder.hpp"

namespace unload_test {

namespace ef = eigenformer;
using eigenformer_tests::k_source;
using eigenformer_tests::PackedFolder;
using json = nlohmann::json;

std::size_t entries_of(const char* folder) {
  std::error_code unreadable;
  std::size_t count = 0;
  for (auto entry = std::filesystem::directory_iterator(folder, unreadable);
       !unreadable && entry != std::filesystem::directory_iterator(); entry.increment(unreadable)) {
    ++count;
  }
  return count;
}

/// What a process holds. Files and threads are 0 where the system does not show them.
struct Resources {
  std::ptrdiff_t blocks = eigenformer_tests::live_blocks.load();
  std::ptrdiff_t bytes = eigenformer_tests::live_bytes.load();
  std::size_t files = entries_of("/proc/self/fd");
  std::size_t threads = entries_of("/proc/self/task");

  bool operator==(const Resources&) const = default;
};

void PrintTo(const Resources& held, std::ostream* out) {
  *out << held.blocks << " blocks of " << held.bytes << " bytes, " << held.files << " files, " << held.threads
       << " threads";
}

/// What is held when threads that have been joined are gone from the system's list as well, a moment later.
Resources settled(std::size_t threads) {
  for (int wait = 0; wait < 1000 && entries_of("/proc/self/task") > threads; ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return {};
}

/// Runs `use` twice, the second time with a look at what it leaves.
void expect_leaves_nothing(const std::function<void()>& use) {
  use();
  const Resources before = settled(1);
  use();
  EXPECT_EQ(settled(before.threads), before);
}

const std::vector<ef::TokenId> k_ids = {3, 1, 4, 1, 5, 9, 2, 6};

/// Everything that a model of its kind can do.
void use(const ef::Model& model) {
  ef::ForwardOptions watching{.hidden_states = true, .attentions = true};
  const bool is_pair = model.info().kind == ef::ModelKind::encoder_decoder;
  if (is_pair) watching.decoder_ids = {2, 7, 1};
  EXPECT_FALSE(ef::forward(model, k_ids, watching).empty());
  if (model.has_tokenizer()) {
    const std::vector<ef::TokenId> ids = model.tokenizer().encode("The river runs past 12 mills.");
    EXPECT_FALSE(model.tokenizer().decode(ids).empty());
  }
  if (model.info().kind == ef::ModelKind::encoder) {
    if (model.has_tokenizer()) ef::embed(model, "The river runs.");
    return;
  }
  EXPECT_FALSE(ef::generate(model, k_ids, {.max_new_tokens = 4, .temperature = 0.8}).empty());
  EXPECT_FALSE(ef::generate(model, k_ids, {.max_new_tokens = 4, .num_beams = 2}).empty());
  ef::Scheduler scheduler(model);
  const ef::Request kept = scheduler.submit(k_ids, {.max_new_tokens = 4});
  scheduler.submit(k_ids, {.max_new_tokens = 40});  // and left in the middle
  while (!kept.finished()) scheduler.step();
}

void chat_with(const ef::Model& model) {
  ef::Chat chat(model, {.system = "You are a miller."});
  ef::Reply reply = chat.begin("What do you grind?", {.max_new_tokens = 3});
  while (reply.next()) {
  }
  ef::Reply left_midway = chat.begin("For whom?", {.max_new_tokens = 8});
  left_midway.next();
}

TEST(Unload, FreesAll) {
  for (const char* name : {"tests/golden/llama/sharded", "tests/golden/gguf/q4_1/model.gguf", "tests/tasks/data/nllb",
                           "tests/tasks/vectors/layers"}) {
    SCOPED_TRACE(name);
    const std::filesystem::path path = k_source / name;
    expect_leaves_nothing([&] { use(ef::load(path, {.threads = 2})); });
    expect_leaves_nothing([&] { use(ef::load_async(path, {.threads = 2}).get().value()); });
    expect_leaves_nothing([&] { ef::estimate(path); });
    if (!std::filesystem::is_directory(path)) continue;
    expect_leaves_nothing([&] { use(ef::load_from_reader(std::make_shared<PackedFolder>(path), {.threads = 2})); });
  }
}

TEST(Unload, OfTheDefaultModelFreesAllAfterChats) {
  expect_leaves_nothing([] {
    const ef::Model model = ef::load(eigenformer_tests::default_model(), {.threads = 2});
    chat_with(model);
    use(model);
  });
}

/// A folder whose files a test changes.
class ChangedFolder final : public ef::AssetFolder {
 public:
  explicit ChangedFolder(const std::filesystem::path& root) {
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
      std::ifstream file(entry.path(), std::ios::binary);
      files[entry.path().filename().string()].assign(std::istreambuf_iterator<char>(file), {});
    }
  }
  std::shared_ptr<const ef::AssetReader> open(const std::string& name) const override {
    const auto found = files.find(name);
    return found == files.end() ? nullptr : std::make_shared<Reader>(found->second);
  }
  std::string name() const override { return "changed"; }

  std::map<std::string, std::string> files;

 private:
  class Reader final : public ef::AssetReader {
   public:
    explicit Reader(const std::string& bytes) : bytes_(bytes) {}
    std::uint64_t size() const override { return bytes_.size(); }
    bool read(std::uint64_t offset, std::span<std::byte> out) const override {
      std::memcpy(out.data(), bytes_.data() + offset, out.size());
      return true;
    }
    std::string name() const override { return "changed"; }

   private:
    const std::string& bytes_;
  };
};

const std::filesystem::path k_changed = k_source / "tests/tasks/data/nllb";

/// Puts a changed header in front of the tensors.
void change_header(std::string& file, const std::function<void(json&)>& change) {
  std::uint64_t size = 0;
  std::memcpy(&size, file.data(), sizeof size);
  json header = json::parse(file.substr(sizeof size, size));
  change(header);
  const std::string text = header.dump(), rest = file.substr(sizeof size + size);
  size = text.size();
  file.assign(reinterpret_cast<const char*>(&size), sizeof size).append(text).append(rest);
}

/// The load of a changed folder fails with this kind of error and leaves nothing.
void expect_fails(const std::string& error, const std::function<void(ChangedFolder&)>& change) {
  const auto folder = std::make_shared<ChangedFolder>(k_changed);
  change(*folder);
  expect_leaves_nothing([&] {
    const ef::Result<ef::Model> model = ef::try_load_from_reader(folder, {.threads = 2});
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().id.substr(0, error.size()), error);
    EXPECT_FALSE(ef::load_async(folder, {.threads = 2}).get().ok());
  });
}

TEST(FailedLoad, OfAMissingTensorLeavesNothing) {
  std::vector<std::string> names;
  ChangedFolder whole(k_changed);
  change_header(whole.files["model.safetensors"], [&](const json& header) {
    for (const auto& [name, entry] : header.items()) names.push_back(name);
  });
  std::erase(names, "__metadata__");
  ASSERT_GT(names.size(), 40U);
  for (const std::string& name : names) {
    expect_fails("weight.", [&](ChangedFolder& folder) {
      change_header(folder.files["model.safetensors"], [&](json& header) {
        header["other"] = header[name];
        header.erase(name);
      });
    });
  }
}

TEST(FailedLoad, OfAWrongShapeLeavesNothing) {
  expect_fails("weight.shape", [](ChangedFolder& folder) {
    change_header(folder.files["model.safetensors"], [](json& header) {
      auto& shape = header["model.decoder.layer_norm.weight"]["shape"];
      shape = {1, shape[0]};
    });
  });
}

TEST(FailedLoad, OfAFileCutShortLeavesNothing) {
  const std::size_t size = ChangedFolder(k_changed).files["model.safetensors"].size();
  for (const std::size_t kept : {std::size_t{0}, std::size_t{7}, std::size_t{100}, size / 2, size - 1}) {
    expect_fails("format.", [&](ChangedFolder& folder) { folder.files["model.safetensors"].resize(kept); });
  }
}

TEST(FailedLoad, OfAFileThatIsNoJsonLeavesNothing) {
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json"}) {
    expect_fails("format.", [&](ChangedFolder& folder) { folder.files[name].resize(folder.files[name].size() / 2); });
  }
}

TEST(FailedLoad, OfATokenizerThatIsNotUnderstoodLeavesNothing) {
  const auto changed_tokenizer = [](const std::function<void(json&)>& change) {
    return [change](ChangedFolder& folder) {
      std::string& text = folder.files["tokenizer.json"];
      json tokenizer = json::parse(text);
      change(tokenizer);
      text = tokenizer.dump();
    };
  };
  expect_fails("tokenizer.", changed_tokenizer([](json& file) { file["decoder"]["type"] = "Unheard"; }));
  expect_fails("tokenizer.", changed_tokenizer([](json& file) { file["version"] = "2.0"; }));
  expect_fails("tokenizer.", changed_tokenizer([](json& file) { file["model"]["vocab"] = json::object(); }));
  expect_fails("tokenizer.", changed_tokenizer([](json& file) { file["added_tokens"][0]["id"] = 70000; }));
}

TEST(FailedLoad, OfAnUnknownKeyOrNoWeightsLeavesNothing) {
  expect_fails("config.",
               [](ChangedFolder& folder) { folder.files["config.json"].insert(1, R"("a_key_of_the_future": 1,)"); });
  expect_fails("system.no_weights", [](ChangedFolder& folder) { folder.files.erase("model.safetensors"); });
  expect_leaves_nothing([] { EXPECT_FALSE(ef::try_load("no/such/model").ok()); });
  expect_leaves_nothing([] { EXPECT_FALSE(ef::try_load(k_source / "README.md").ok()); });
}

TEST(FailedLoad, OfAReaderThatFailsAnywhereLeavesNothing) {
  const auto packed = std::make_shared<PackedFolder>(k_changed);
  ef::load_from_reader(packed, {.threads = 2});
  const std::size_t reads = packed->reads->count;
  packed->asked.clear();
  for (std::size_t readable = 0; readable < reads; ++readable) {
    packed->reads->readable = readable;
    expect_leaves_nothing([&] {
      packed->reads->count = 0;
      EXPECT_EQ(ef::try_load_from_reader(packed, {.threads = 2}).error().id, "system.reader_failed");
    });
  }
}

TEST(CancelledLoad, LeavesNothingWhereverItStops) {
  for (const char* name : {"tests/tasks/data/nllb", "tests/golden/gguf/q4_1/model.gguf"}) {
    const std::filesystem::path path = k_source / name;
    std::size_t all = 0;
    ef::load(path, {.threads = 2, .progress = [&](auto, auto) { return ++all > 0; }});
    ASSERT_GT(all, 10U);
    for (std::size_t stop_at = 1; stop_at <= all; ++stop_at) {
      expect_leaves_nothing([&] {
        std::size_t asked = 0;
        const auto stops = [&](std::uint64_t, std::uint64_t) { return ++asked != stop_at; };
        EXPECT_EQ(ef::try_load(path, {.threads = 2, .progress = stops}).error().id, "cancelled.load");
      });
    }
  }
}

TEST(CancelledLoad, InTheBackgroundLeavesNothing) {
  expect_leaves_nothing([] {
    const ef::LoadingModel loading = ef::load_async(eigenformer_tests::default_model(), {.threads = 2});
    while (loading.progress() == 0) std::this_thread::yield();
    loading.cancel();
  });
}

}  // namespace unload_test
