// Reads the recordings of tests/golden.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model.hpp"

namespace eigenformer_tests {

/// A greedy continuation: prompt ids and what follows.
struct GreedyRecording {
  std::string name;
  std::vector<eigenformer::TokenId> prompt, ids;
};

/// One folder below tests/golden.
struct GoldenCase {
  std::string name;  ///< "llama_default"
  std::filesystem::path folder;
  std::filesystem::path model;  ///< what `load` is given: the folder, or its .gguf file
  bool is_pair = false;         ///< of an encoder-decoder
  bool is_generative = false;   ///< has continuations

  nlohmann::json record() const { return nlohmann::json::parse(std::ifstream(folder / "golden.json")); }
  double tolerance() const { return record().at("tolerance").get<double>(); }

  std::shared_ptr<const eigenformer::format::TensorFile> tensors() const {
    return eigenformer::format::open_safetensors(eigenformer::format::file_source(folder / "golden.safetensors"));
  }
  std::vector<std::string> tensor_names() const {
    std::vector<std::string> names;
    const auto file = tensors();
    for (const auto& entry : file->entries()) names.push_back(entry.name);
    return names;
  }
  std::vector<float> tensor(const std::string& wanted) const {
    const auto file = tensors();
    for (const auto& entry : file->entries()) {
      if (entry.name == wanted) return eigenformer::format::decode_f32(file->read(entry));
    }
    return {};
  }
  eigenformer::Shape shape(const std::string& wanted) const {
    const auto file = tensors();
    for (const auto& entry : file->entries()) {
      if (entry.name == wanted) return entry.shape;
    }
    return {};
  }
  /// Tensors that go in; all others are what must come out.
  static bool is_input(const std::string& tensor) {
    return tensor == "input_ids" || tensor == "token_type_ids" || tensor == "decoder_ids";
  }
  std::vector<eigenformer::TokenId> input_ids() const {
    const std::vector<float> values = tensor("input_ids");
    return {values.begin(), values.end()};
  }
  std::vector<eigenformer::TokenId> decoder_ids() const {
    const std::vector<float> values = tensor("decoder_ids");
    return {values.begin(), values.end()};
  }
  /// The other inputs of the recording, for models that have them.
  eigenformer::ForwardOptions inputs() const {
    const std::vector<float> types = tensor("token_type_ids");
    return {.token_type_ids = {types.begin(), types.end()}, .decoder_ids = decoder_ids()};
  }
  /// Inputs as recorded, and everything that can be watched.
  eigenformer::ForwardOptions watching() const {
    eigenformer::ForwardOptions options = inputs();
    options.hidden_states = options.attentions = true;
    return options;
  }
  /// Where the frequencies depend on the length, what is recomputed for each length is what a fresh forward gives.
  std::vector<GreedyRecording> greedy() const {
    std::vector<GreedyRecording> recordings;
    const nlohmann::json golden = record();
    for (const auto& entry : golden.at("greedy")) {
      const char* ids = entry.contains("recomputed_ids") ? "recomputed_ids" : "ids";
      recordings.push_back({entry.at("name"), entry.at("prompt"), entry.at(ids)});
    }
    return recordings;
  }
};

inline void PrintTo(const GoldenCase& golden, std::ostream* out) { *out << golden.name; }

inline std::vector<GoldenCase> read_golden_cases() {
  const std::filesystem::path root = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";
  std::vector<GoldenCase> cases;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::filesystem::path folder = entry.path().parent_path();
    if (entry.path().filename() != "golden.json" || folder.parent_path() == root) continue;
    const std::string name = folder.parent_path().filename().string() + "_" + folder.filename().string();
    const bool is_gguf = std::filesystem::exists(folder / "model.gguf");
    cases.push_back({name, folder, is_gguf ? folder / "model.gguf" : folder});
    const nlohmann::json record = cases.back().record();
    cases.back().is_pair = record.value("pair", false);
    cases.back().is_generative = record.contains("greedy");
  }
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return cases;
}

/// Every case below tests/golden: a folder with golden.json beside a model. Read once: each test is a process of its
/// own, and many ask.
inline const std::vector<GoldenCase>& all_golden_cases() {
  static const std::vector<GoldenCase> cases = read_golden_cases();
  return cases;
}

template <class Predicate>
std::vector<GoldenCase> golden_cases_that(Predicate&& are_wanted) {
  std::vector<GoldenCase> cases = all_golden_cases();
  std::erase_if(cases, [&](const GoldenCase& golden) { return !are_wanted(golden); });
  return cases;
}

/// Those of models that read one text.
inline std::vector<GoldenCase> golden_cases() {
  return golden_cases_that([](const GoldenCase& golden) { return !golden.is_pair; });
}

/// Those of encoder-decoders, which read a source ("input_ids") and a target ("decoder_ids").
inline std::vector<GoldenCase> pair_cases() {
  return golden_cases_that([](const GoldenCase& golden) { return golden.is_pair; });
}

/// Those of models that read one text whose recordings have continuations.
inline std::vector<GoldenCase> generative_cases() {
  return golden_cases_that([](const GoldenCase& golden) { return !golden.is_pair && golden.is_generative; });
}

/// Those of models that write text, encoder-decoders included.
inline const std::vector<GoldenCase>& writing_cases() {
  static const std::vector<GoldenCase> cases = golden_cases_that([](const GoldenCase& golden) {
    if (!golden.is_pair) return golden.is_generative;
    return eigenformer::load(golden.model).info().head == eigenformer::ModelHead::language_model;
  });
  return cases;
}

}  // namespace eigenformer_tests
