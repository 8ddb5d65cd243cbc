// Loading, and what is known of a model: as the C++ API has it.
#include "eigenformer/model.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/c_api/c_objects.hpp"

namespace eigenformer_tests {
namespace {

namespace ef = eigenformer;

class CModel : public CApi {};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(CModel, InfoIsThatOfCpp) {
  const auto model = load(k_c_writer);
  eigenformer_model_info info;
  ASSERT_EQ(outcome(eigenformer_model_get_info(model.get(), &info, sizeof info, error())), "ok");
  const ef::Model expected = ef::load(k_c_writer);
  EXPECT_EQ(info.size, sizeof info);
  EXPECT_EQ(string_of(info.source), expected.info().source);
  EXPECT_EQ(string_of(info.architecture), "llama");
  EXPECT_EQ(string_of(info.format), "GGUF");
  EXPECT_EQ(string_of(info.weight_types), "Q4_1 + Q8_0 + F32");
  EXPECT_EQ(string_of(info.instruction_set), expected.info().instruction_set);
  EXPECT_EQ(string_of(info.chat_template), *expected.chat_template());
  EXPECT_EQ(info.kind, EIGENFORMER_DECODER);
  EXPECT_EQ(info.has_tokenizer, 1);
  EXPECT_EQ(info.vocabulary_size, expected.info().vocabulary_size);
  EXPECT_EQ(info.hidden_size, expected.info().hidden_size);
  EXPECT_EQ(info.layers, expected.info().layers);
  EXPECT_EQ(info.heads, expected.info().heads);
  EXPECT_EQ(info.context_length, expected.info().context_length);
  EXPECT_EQ(info.embedding_size, expected.info().embedding_size);
  EXPECT_EQ(info.parameters, expected.info().parameters);
  EXPECT_EQ(info.weight_bytes, expected.info().weight_bytes);
  EXPECT_EQ(info.threads, expected.info().threads);
  EXPECT_EQ(info.reports, 0U);
}

TEST_F(CModel, WithoutChatTemplateOrTokenizer) {
  const auto encoder = load(k_c_embedder);
  eigenformer_model_info info;
  ASSERT_EQ(outcome(eigenformer_model_get_info(encoder.get(), &info, sizeof info, error())), "ok");
  EXPECT_EQ(info.kind, EIGENFORMER_ENCODER);
  EXPECT_EQ(info.chat_template.data, nullptr);
  const auto bare = load(EIGENFORMER_SOURCE_DIR "/tests/golden/llama/default");
  ASSERT_EQ(outcome(eigenformer_model_get_info(bare.get(), &info, sizeof info, error())), "ok");
  EXPECT_EQ(info.has_tokenizer, 0);
}

TEST_F(CModel, OptionsReachTheLibrary) {
  eigenformer_load_options options;
  ASSERT_EQ(outcome(eigenformer_load_options_init(&options, sizeof options, error())), "ok");
  EXPECT_EQ(options.size, sizeof options);
  EXPECT_GE(options.threads, 1U);
  options.threads = 1;
  options.instruction_set = "scalar";
  options.weights = EIGENFORMER_WEIGHTS_Q8;
  eigenformer_model* model = nullptr;
  const std::string path = EIGENFORMER_SOURCE_DIR "/tests/golden/llama/default";
  ASSERT_EQ(outcome(eigenformer_load(path.c_str(), &options, &model, error())), "ok");
  const Owned<eigenformer_model> owner(model);
  eigenformer_model_info info;
  ASSERT_EQ(outcome(eigenformer_model_get_info(model, &info, sizeof info, error())), "ok");
  EXPECT_EQ(string_of(info.instruction_set), "scalar");
  EXPECT_EQ(info.threads, 1U);
  EXPECT_EQ(string_of(info.weight_types), ef::load(path, {.weights = ef::Weights::q8}).info().weight_types);
}

TEST_F(CModel, OptionsOutOfTheirRange) {
  const auto outcome_with = [&](void (*change)(eigenformer_load_options&)) {
    eigenformer_load_options options;
    EXPECT_EQ(eigenformer_load_options_init(&options, sizeof options, nullptr), EIGENFORMER_OK);
    change(options);
    eigenformer_model* model = nullptr;
    const std::string result = outcome(eigenformer_load(k_c_writer.c_str(), &options, &model, error()));
    EXPECT_EQ(model, nullptr);
    return result + " " + eigenformer_error_where(error());
  };
  EXPECT_EQ(outcome_with([](auto& options) { options.threads = 0; }), "usage.option_range threads");
  EXPECT_EQ(outcome_with([](auto& options) { options.threads = 65537; }), "usage.option_range threads");
  EXPECT_EQ(outcome_with([](auto& options) { options.compute = 2; }), "usage.option_range compute");
  EXPECT_EQ(outcome_with([](auto& options) { options.weights = -1; }), "usage.option_range weights");
  EXPECT_EQ(outcome_with([](auto& options) { options.cache = 4; }), "usage.option_range cache");
  EXPECT_EQ(outcome_with([](auto& options) { options.unknown_keys = 2; }), "usage.option_range unknown_keys");
}

TEST_F(CModel, ProgressIsToldAndMayStop) {
  struct Progress {
    std::uint64_t done = 0, total = 0;
    std::int32_t answer = EIGENFORMER_CONTINUE;
  } progress;
  eigenformer_load_options options;
  ASSERT_EQ(outcome(eigenformer_load_options_init(&options, sizeof options, error())), "ok");
  options.progress_context = &progress;
  options.progress = [](void* context, std::uint64_t done, std::uint64_t total) {
    auto* told = static_cast<Progress*>(context);
    told->done = done;
    told->total = total;
    return told->answer;
  };
  eigenformer_model* model = nullptr;
  ASSERT_EQ(outcome(eigenformer_load(k_c_writer.c_str(), &options, &model, error())), "ok");
  EXPECT_GT(progress.total, 0U);
  EXPECT_EQ(progress.done, progress.total);
  eigenformer_model_free(model);

  progress.answer = EIGENFORMER_STOP;
  model = nullptr;
  EXPECT_EQ(eigenformer_load(k_c_writer.c_str(), &options, &model, error()), EIGENFORMER_ERROR_CANCELLED);
  EXPECT_STREQ(eigenformer_error_id(error()), "cancelled.load");
  EXPECT_EQ(model, nullptr);
}

TEST_F(CModel, FromMemory) {
  const std::string gguf = bytes_of(k_c_writer);
  eigenformer_model* model = nullptr;
  ASSERT_EQ(outcome(eigenformer_load_from_memory(gguf.data(), gguf.size(), nullptr, &model, error())), "ok");
  eigenformer_model_free(model);
  model = nullptr;
  EXPECT_EQ(eigenformer_load_from_memory(gguf.data(), 100, nullptr, &model, error()), EIGENFORMER_ERROR_FORMAT);
  EXPECT_EQ(model, nullptr);
  const auto expected = ef::try_load_from_memory(std::as_bytes(std::span<const char>(gguf.data(), 100))).error();
  EXPECT_EQ(eigenformer_error_message(error()), expected.message());
  EXPECT_EQ(outcome(eigenformer_load_from_memory(nullptr, 0, nullptr, &model, error())), "format.truncated");
}

TEST_F(CModel, AnErrorIsInParts) {
  eigenformer_model* model = nullptr;
  const eigenformer_status status = eigenformer_load("no-such-model.gguf", nullptr, &model, error());
  EXPECT_EQ(status, EIGENFORMER_ERROR_SYSTEM);
  EXPECT_EQ(eigenformer_error_status(error()), status);
  const ef::ErrorReport expected = ef::try_load("no-such-model.gguf").error();
  EXPECT_EQ(eigenformer_error_id(error()), expected.id);
  EXPECT_EQ(eigenformer_error_expected(error()), expected.expected);
  EXPECT_EQ(eigenformer_error_found(error()), expected.found);
  EXPECT_EQ(eigenformer_error_where(error()), expected.where);
  EXPECT_EQ(eigenformer_error_remedy(error()), expected.remedy);
  EXPECT_EQ(eigenformer_error_message(error()), expected.message());
  EXPECT_EQ(model, nullptr);
  load(k_c_writer);  // the same error object is good for the next call, and says "ok" then
  EXPECT_STREQ(eigenformer_error_id(error()), "");
}

TEST_F(CModel, IsFoundByPath) {
  eigenformer_owned_text path{};
  ASSERT_EQ(outcome(eigenformer_find_model(k_c_writer.c_str(), &path, error())), "ok");
  const Owned<char> owner(path.data);
  EXPECT_EQ(std::string(path.data), k_c_writer);
  EXPECT_EQ(path.size, k_c_writer.size());
  EXPECT_EQ(outcome(eigenformer_find_model("no such model", &path, error())), "system.model_absent");
}

TEST_F(CModel, UnknownKeysAreReported) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "c_api_unknown_keys";
  const std::filesystem::path source = EIGENFORMER_SOURCE_DIR "/tests/golden/llama/default";
  std::filesystem::create_directories(folder);
  std::filesystem::copy(source / "model.safetensors", folder / "model.safetensors",
                        std::filesystem::copy_options::overwrite_existing);
  std::string config = bytes_of(source / "config.json");
  config.insert(config.find('{') + 1, "\"colour_of_the_door\": 3,");
  std::ofstream(folder / "config.json") << config;

  eigenformer_load_options options;
  ASSERT_EQ(outcome(eigenformer_load_options_init(&options, sizeof options, error())), "ok");
  eigenformer_model* model = nullptr;
  EXPECT_EQ(outcome(eigenformer_load(folder.string().c_str(), &options, &model, error())), "config.unknown_key");
  options.unknown_keys = EIGENFORMER_UNKNOWN_KEYS_REPORT;
  ASSERT_EQ(outcome(eigenformer_load(folder.string().c_str(), &options, &model, error())), "ok");
  const Owned<eigenformer_model> owner(model);
  eigenformer_model_info info;
  ASSERT_EQ(outcome(eigenformer_model_get_info(model, &info, sizeof info, error())), "ok");
  ASSERT_EQ(info.reports, 1U);
  eigenformer_text report{};
  ASSERT_EQ(outcome(eigenformer_model_report(model, 0, &report, error())), "ok");
  EXPECT_NE(string_of(report).find("colour_of_the_door"), std::string::npos);
  EXPECT_EQ(outcome(eigenformer_model_report(model, 1, &report, error())), "usage.index");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace eigenformer_tests
