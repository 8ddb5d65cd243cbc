// Where memory runs out in the middle of a call, the call says so, nothing is left behind, and the model goes on.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/chat/template/template.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/load_async.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/scheduler.hpp"
#include "eigenformer/tasks.hpp"
#include "tests/memory/allocation_sweep.hpp"
#include "tests/support/bit_hash.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/packed_folder.hpp"

namespace {

namespace ef = eigenformer;
namespace fs = std::filesystem;
using eigenformer_tests::bit_hash;
using eigenformer_tests::sweep_allocations;

const fs::path k_repository = EIGENFORMER_SOURCE_DIR;
const fs::path k_writer_file = k_repository / "tests/golden/gguf/q4_1/model.gguf";
const fs::path k_torch_folder = k_repository / "tests/golden/torch/dialogpt";
const fs::path k_embedder_folder = k_repository / "tests/tasks/vectors/mean";
const fs::path k_pair_folder = k_repository / "tests/tasks/data/marian";

/// Everything that a model which lacks something would do differently.
std::string bits_of_model(const ef::Model& model) {
  std::vector<ef::TokenId> ids = {3, 5, 7};
  ef::ForwardOptions options;
  if (model.info().kind == ef::ModelKind::encoder_decoder) options.decoder_ids = {2, 4};
  std::string bits;
  for (const auto& [name, output] : ef::forward(model, ids, options)) bits += name + bit_hash(output.values);
  if (model.has_tokenizer()) bits += model.tokenizer().decode(model.tokenizer().encode("hello the World."));
  bits += model.chat_template().value_or("none") + model.generation_config().value_or("none");
  bits += std::to_string(model.info().embedding_size);
  for (const ef::TokenId token : model.end_tokens()) bits += " " + std::to_string(token);
  return bits;
}

std::string same_text(const std::string& text) { return text; }

std::string bits_of_vectors(const std::vector<std::vector<float>>& vectors) {
  std::string bits;
  for (const std::vector<float>& vector : vectors) bits += bit_hash(vector);
  return bits;
}

std::string bits_of_sequences(const std::vector<ef::GeneratedSequence>& sequences) {
  std::ostringstream bits;
  for (const ef::GeneratedSequence& sequence : sequences) {
    for (const ef::TokenId id : sequence.ids) bits << id << ' ';
    bits << sequence.text << std::hexfloat << sequence.score << '\n';
  }
  return bits.str();
}

/// One thread, or three: others than the caller's.
class AllocationFailure : public testing::TestWithParam<unsigned> {
 protected:
  ef::LoadOptions options() const { return {.threads = GetParam()}; }
  ef::Model load(const fs::path& path) const { return ef::load(path, options()); }

  void sweep_load(const char* name, const fs::path& path) const {
    const ef::LoadOptions with_threads{.executor = ef::make_thread_pool(GetParam())};
    sweep_allocations(
        name, [&] { return ef::load(path, with_threads); }, bits_of_model);
  }
  void sweep_generation(const char* name, const ef::GenerateOptions& generation) const {
    const ef::Model model = load(k_writer_file);
    const std::vector<ef::TokenId> prompt = model.tokenizer().encode("hello the world");
    sweep_allocations(
        name, [&] { return ef::generate(model, prompt, generation); }, bits_of_sequences);
  }
};

TEST_P(AllocationFailure, LoadingAGgufFile) { sweep_load("load, GGUF", k_writer_file); }

TEST_P(AllocationFailure, LoadingAFolderOfPyTorch) { sweep_load("load, pytorch_model.bin", k_torch_folder); }

TEST_P(AllocationFailure, LoadingAFolderOfSentenceTransformers) {
  sweep_load("load, sentence-transformers", k_embedder_folder);
}

TEST_P(AllocationFailure, LoadingAFolderWithASentencepieceModel) {
  sweep_load("load, sentencepiece", k_repository / "tests/tasks/data/xlnet_classify");
}

TEST_P(AllocationFailure, LoadingAFolderWithATemplate) {
  const fs::path folder = fs::path(testing::TempDir()) / ("eigenformer_template_" + std::to_string(GetParam()));
  fs::remove_all(folder);
  eigenformer_tests::copy_into(k_repository / "tests/tasks/data/t5_tasks", folder);
  std::ofstream(folder / "chat_template.jinja") << "{% for m in messages %}{{ m.content }}{% endfor %}";
  sweep_load("load, safetensors, tokenizer.json and a template", folder);
  fs::remove_all(folder);
}

/// A host's folder that needs no memory to give what it has.
class ReadyFolder final : public ef::AssetFolder {
 public:
  explicit ReadyFolder(const fs::path& root) {
    const auto reads = std::make_shared<eigenformer_tests::PackedReads>();
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      files_[fs::relative(entry.path(), root).generic_string()] =
          std::make_shared<eigenformer_tests::PackedFile>(entry.path(), reads);
    }
  }
  std::shared_ptr<const ef::AssetReader> open(const std::string& name) const override {
    const auto found = files_.find(name);
    return found == files_.end() ? nullptr : found->second;
  }
  std::string name() const override { return "world.pack"; }

 private:
  std::map<std::string, std::shared_ptr<const ef::AssetReader>> files_;
};

TEST_P(AllocationFailure, LoadingAFolderByAReader) {
  const auto folder = std::make_shared<ReadyFolder>(k_embedder_folder);
  const ef::LoadOptions with_threads{.executor = ef::make_thread_pool(GetParam())};
  sweep_allocations(
      "load, by a reader", [&] { return ef::load_from_reader(folder, with_threads); }, bits_of_model);
}

TEST_P(AllocationFailure, AThreadPool) {
  sweep_allocations(
      "make_thread_pool", [] { return ef::make_thread_pool(GetParam()); },
      [](const std::shared_ptr<ef::Executor>& pool) { return std::to_string(pool != nullptr); });
}

TEST_P(AllocationFailure, Chatting) {
  const ef::Model model = load(k_torch_folder);
  const ef::GenerateOptions greedy{.max_new_tokens = 6, .temperature = 0};
  const auto talk = [&] {
    ef::Chat chat(model, {.generation = greedy});
    std::string said = chat.ask("hello") + chat.ask("and the weather?");
    ef::Chat restored(model, {.generation = greedy});
    restored.load(chat.save());
    return said + restored.ask("well?");
  };
  sweep_allocations("chat: two turns, saved, restored, a third", talk, same_text);
}

TEST_P(AllocationFailure, Embedding) {
  const ef::Model model = load(k_embedder_folder);
  const std::vector<std::string> texts = {"hello the world", "a", "of the longer texts, one"};
  sweep_allocations(
      "embed", [&] { return ef::embed(model, texts); }, bits_of_vectors);
}

TEST_P(AllocationFailure, Sampling) {
  sweep_generation("generate: sampled, two sequences", {.max_new_tokens = 6,
                                                        .temperature = 1,
                                                        .top_k = 40,
                                                        .top_p = 0.95,
                                                        .repetition_penalty = 1.1,
                                                        .seed = 3,
                                                        .num_return_sequences = 2,
                                                        .stop = {"qqq"},
                                                        .log_probabilities = 2});
}

TEST_P(AllocationFailure, SamplingWithBannedTextsAndGuidance) {
  sweep_generation("generate: banned texts, guidance", {.max_new_tokens = 6,
                                                        .temperature = 1,
                                                        .seed = 3,
                                                        .banned_strings = {"e", "the"},
                                                        .guidance_scale = 1.5,
                                                        .unconditional_prompt = {5, 6}});
}

TEST_P(AllocationFailure, SearchingWithBeams) {
  sweep_generation("generate: beams", {.max_new_tokens = 6, .num_return_sequences = 2, .num_beams = 3});
}

TEST_P(AllocationFailure, Drafting) {
  sweep_generation("generate: draft model", {.max_new_tokens = 8, .assistant = load(k_writer_file)});
}

// Their frequencies are computed anew for each step.
TEST_P(AllocationFailure, FrequenciesThatDependOnTheLength) {
  const ef::Model model = load(k_repository / "tests/golden/llama/dynamic");
  const std::vector<ef::TokenId> prompt = {5, 6, 7};
  sweep_allocations(
      "generate: dynamic rotary scaling", [&] { return ef::generate(model, prompt, {.max_new_tokens = 4}); },
      bits_of_sequences);
}

TEST_P(AllocationFailure, SchedulingRequestsTogether) {
  const ef::Model model = load(k_writer_file);
  const auto together = [&] {
    ef::Scheduler scheduler(model);
    std::vector<ef::Request> requests;
    for (const char* prompt : {"hello", "the world and all", "a"}) {
      requests.push_back(scheduler.submit(prompt, {.max_new_tokens = 5, .temperature = 1, .seed = 2}));
    }
    requests.push_back(scheduler.submit("beams", {.max_new_tokens = 4, .num_beams = 2}));
    scheduler.run();
    std::vector<ef::GeneratedSequence> results;
    for (const ef::Request& request : requests) {
      for (const ef::GeneratedSequence& sequence : request.result().value()) results.push_back(sequence);
    }
    return results;
  };
  sweep_allocations("Scheduler: four requests", together, bits_of_sequences);
}

TEST_P(AllocationFailure, Translating) {
  const ef::Model model = load(k_pair_folder);
  sweep_allocations(
      "translate",
      [&] { return ef::translate(model, "hello the world", {.to = "French", .generation = {.max_new_tokens = 6}}); },
      same_text);
}

INSTANTIATE_TEST_SUITE_P(Threads, AllocationFailure, testing::Values(1U, 3U),
                         [](const auto& test) { return std::to_string(test.param); });

TEST(AllocationFailureOfOneThread, LoadingInTheBackground) {
  const ef::LoadOptions options{.executor = ef::make_thread_pool(1)};
  sweep_allocations(
      "load_async", [&] { return ef::load_async(k_writer_file, options).get().value(); }, bits_of_model);
}

TEST(AllocationFailureOfOneThread, RenderingATemplateWithTools) {
  const auto render = [] {
    const ef::chat::Template compiled = ef::chat::Template::compile(
        "{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% for m in messages %}{{ m['role'] ~ m.content | upper "
        "}}{% endfor %}",
        "test");
    const ef::chat::Value variables = ef::chat::Value::parse_json(
        R"({"tools": [{"name": "f", "parameters": {"type": "object", "x": [1, 2.5, null, true]}}],
            "messages": [{"role": "user", "content": "Hi"}]})",
        ef::chat::Provenance::content);
    return compiled.render(variables, {}).text;
  };
  sweep_allocations("template with tools", render, same_text);
}

}  // namespace
