// Hugging Face folders out of the host's own files: what they load is what the directory loads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/estimate.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/load_async.hpp"
#include "eigenformer/reader_source.hpp"
#include "eigenformer/tasks.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "tests/support/packed_folder.hpp"
#include "tests/support/source_folder.hpp"

namespace asset_folder_test {

namespace ef = eigenformer;
using eigenformer_tests::k_source;
using eigenformer_tests::PackedFolder;

const std::filesystem::path k_sharded = k_source / "tests/golden/llama/sharded";

/// Every folder below tests/golden and tests/tasks that is a model's.
std::vector<std::filesystem::path> model_folders() {
  std::vector<std::filesystem::path> folders;
  for (const char* root : {"tests/golden", "tests/tasks"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(k_source / root)) {
      const std::filesystem::path folder = entry.path().parent_path();
      const bool is_module = std::filesystem::exists(folder.parent_path() / "modules.json");
      const bool is_config = entry.path().filename() == "config.json" && !is_module;
      const bool is_list =
          entry.path().filename() == "modules.json" && !std::filesystem::exists(folder / "config.json");
      if (is_config || is_list) folders.push_back(folder);
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

/// The message with the folder called what the host calls it.
std::string as_packed(std::string text, const std::filesystem::path& folder) {
  for (std::size_t at = 0; (at = text.find(folder.generic_string(), at)) != std::string::npos;) {
    text.replace(at, folder.generic_string().size(), "world.pack");
  }
  return text;
}

std::map<std::string, std::vector<float>> results_of(const ef::Model& model) {
  const std::vector<ef::TokenId> ids = {3, 1, 4, 1, 5, 9, 2, 6};
  ef::ForwardOptions options;
  if (model.info().kind == ef::ModelKind::encoder_decoder) options.decoder_ids = {2, 7, 1, 8, 2, 8, 1, 8};
  std::map<std::string, std::vector<float>> results;
  for (const auto& [name, tensor] : ef::forward(model, ids, options)) results[name] = tensor.values;
  return results;
}

/// What is no number: everything that the files beside the weights say.
std::vector<std::string> description_of(const ef::Model& model) {
  const ef::ModelInfo& info = model.info();
  std::vector<std::string> parts = {info.architecture, info.format, info.weight_types,
                                    model.chat_template().value_or("none"), model.generation_config().value_or("none")};
  parts.push_back(std::to_string(info.embedding_size) + " of " + std::to_string(info.context_length));
  parts.insert(parts.end(), info.labels.begin(), info.labels.end());
  parts.insert(parts.end(), info.reports.begin(), info.reports.end());
  for (const ef::TokenId token : model.end_tokens()) parts.push_back(std::to_string(token));
  if (!model.has_tokenizer()) return parts;
  for (const ef::TokenId token : model.tokenizer().encode("The river runs, 12 of them.")) {
    parts.push_back(std::to_string(token));
  }
  return parts;
}

void expect_asked_once(const PackedFolder& packed) {
  for (const auto& [name, times] : packed.asked) {
    EXPECT_EQ(times, 1U) << name;
    EXPECT_THAT(name, testing::Not(testing::HasSubstr(".."))) << name;
    EXPECT_THAT(name, testing::Not(testing::StartsWith("/"))) << name;
  }
}

void expect_loads_alike(const std::filesystem::path& folder) {
  SCOPED_TRACE(folder.generic_string());
  const auto packed = std::make_shared<PackedFolder>(folder);
  const ef::Model expected = ef::load(folder, {.threads = 1});
  const ef::Model model = ef::load_from_reader(packed, {.threads = 1});
  EXPECT_EQ(results_of(model), results_of(expected));
  EXPECT_EQ(description_of(model), description_of(expected));
  EXPECT_EQ(model.info().source, as_packed(expected.info().source, folder));
  EXPECT_EQ(packed.use_count(), 1);         // it is not kept,
  EXPECT_EQ(packed->reads.use_count(), 1);  // nor is a file of it
  expect_asked_once(*packed);
  packed->asked.clear();
  const ef::MemoryEstimate of_reader = ef::estimate(packed), of_folder = ef::estimate(folder);
  EXPECT_EQ(of_reader.weight_bytes, of_folder.weight_bytes);
  EXPECT_EQ(of_reader.page_bytes, of_folder.page_bytes);
  expect_asked_once(*packed);
}

/// Weights in one file, in shards and of PyTorch; tokenizers of every kind; generation configs; sentence-transformers.
TEST(AssetFolder, LoadsEveryModelAlike) {
  const std::vector<std::filesystem::path> folders = model_folders();
  EXPECT_GT(folders.size(), 100U);
  for (const std::filesystem::path& folder : folders) expect_loads_alike(folder);
}

TEST(AssetFolder, EmbedsAlike) {
  for (const char* name : {"mean", "layers", "prompts", "ends"}) {
    const std::filesystem::path folder = k_source / "tests/tasks/vectors" / name;
    const ef::Model model = ef::load_from_reader(std::make_shared<PackedFolder>(folder), {.threads = 1});
    const std::string text = "The river runs past the mill.";
    EXPECT_EQ(ef::embed(model, text), ef::embed(ef::load(folder), text)) << name;
  }
}

TEST(AssetFolder, ReadsEveryTokenizerAlike) {
  std::size_t tokenizers = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(k_source / "tests/tokenize/data")) {
    if (!entry.is_directory()) continue;
    const auto packed = std::make_shared<PackedFolder>(entry.path());
    const auto tokenizer_of = [](const ef::format::Folder& folder) {
      return ef::attempt([&] { return ef::tokenize::load_tokenizer_folder(folder).encode("A b\u00e9 12.\n  <s>cd"); });
    };
    auto found = tokenizer_of(ef::loading::reader_folder(packed)), expected = tokenizer_of(entry.path());
    ASSERT_EQ(found.ok(), expected.ok()) << entry.path();
    if (!expected.ok()) continue;  // a folder of others
    EXPECT_EQ(found.value(), expected.value()) << entry.path();
    expect_asked_once(*packed);
    ++tokenizers;
  }
  EXPECT_GT(tokenizers, 30U);
}

/// Errors name the place in the host's words.
TEST(AssetFolder, MayLackFiles) {
  const auto error_without = [](const std::string& name) {
    const auto packed = std::make_shared<PackedFolder>(k_sharded);
    packed->absent = name;
    return ef::try_load_from_reader(packed).error().line();
  };
  EXPECT_EQ(
      error_without("config.json"),
      "error[system.file_open]: world.pack/config.json: expected a file that the host's folder has, found that it "
      "has none of this name; put the file into the host's archive, or name the folder that has it");
  EXPECT_THAT(error_without("model.safetensors.index.json"),
              testing::StartsWith("error[system.no_weights]: world.pack: expected model.safetensors"));
  EXPECT_THAT(error_without("model-00002-of-00003.safetensors"),
              testing::StartsWith("error[system.file_open]: world.pack/model-00002-of-00003.safetensors"));
  EXPECT_EQ(ef::try_load_from_reader(std::shared_ptr<const ef::AssetFolder>()).error().line(),
            "error[usage.no_reader]: folder: expected a folder of readers, found null; pass an object of a class "
            "derived from AssetFolder");
}

TEST(AssetFolder, MayFailAtAnyRead) {
  const auto packed = std::make_shared<PackedFolder>(k_sharded);
  ef::load_from_reader(packed, {.threads = 1});
  const std::size_t reads = packed->reads->count;
  for (std::size_t readable = 0; readable < reads; ++readable) {
    packed->reads->count = 0;
    packed->reads->readable = readable;
    const ef::ErrorReport error = ef::try_load_from_reader(packed, {.threads = 1}).error();
    EXPECT_EQ(error.id, "system.reader_failed");
    EXPECT_THAT(error.where, testing::StartsWith("world.pack/"));
    EXPECT_EQ(packed->reads.use_count(), 1);
  }
}

class ThrowingFolder final : public ef::AssetFolder {
 public:
  std::shared_ptr<const ef::AssetReader> open(const std::string&) const override {
    throw std::runtime_error("the archive is gone");
  }
  std::string name() const override { return "world.pack"; }
};

TEST(AssetFolder, MayThrow) {
  EXPECT_EQ(
      ef::try_load_from_reader(std::make_shared<ThrowingFolder>()).error().line(),
      "error[system.reader_failed]: world.pack/config.json: expected the host's reader to read, found the archive "
      "is gone; see to the host's own file");
}

TEST(AssetFolder, LoadsInTheBackground) {
  const auto packed = std::make_shared<PackedFolder>(k_sharded);
  ef::LoadingModel loading = ef::load_async(packed, {.threads = 1});
  EXPECT_EQ(results_of(loading.get().value()), results_of(ef::load(k_sharded)));
  EXPECT_EQ(loading.progress(), 1);
  packed->reads->readable = 3;
  EXPECT_EQ(ef::load_async(packed).get().error().id, "system.reader_failed");
}

}  // namespace asset_folder_test
