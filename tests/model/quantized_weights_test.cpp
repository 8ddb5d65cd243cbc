// Weights that are quantized while a model is loaded: what transformers computes with them, the same bits everywhere,
// and what the model says of them (tests/golden/quant/load_recipe.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/kernels/select.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/output_values.hpp"
#include "tests/support/relative_difference.hpp"

namespace quantized_weights_test {

namespace ef = eigenformer;

const std::filesystem::path k_golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";

/// The recording of an architecture.
class Recording {
 public:
  explicit Recording(const std::string& architecture) : folder_(k_golden / "quant" / architecture) {}

  const std::filesystem::path& folder() const { return folder_; }
  std::vector<float> tensor(const std::string& wanted) const {
    const auto file = ef::format::open_safetensors(ef::format::file_source(folder_ / "quantized.safetensors"));
    for (const auto& entry : file->entries()) {
      if (entry.name == wanted) return ef::format::decode_f32(file->read(entry));
    }
    return {};
  }
  std::vector<float> logits(const ef::LoadOptions& options) const {
    ef::ForwardOptions inputs;
    inputs.decoder_ids = ids("decoder_ids");
    return ef::forward(ef::load(folder_, options), ids("input_ids"), inputs).at("logits").values;
  }

 private:
  std::vector<ef::TokenId> ids(const std::string& name) const {
    const std::vector<float> values = tensor(name);
    return {values.begin(), values.end()};
  }

  std::filesystem::path folder_;
};

class QuantizedWeights : public testing::TestWithParam<const char*> {
 protected:
  const Recording recording_{GetParam()};
};

TEST_P(QuantizedWeights, GiveTheReferencesLogits) {
  for (const auto& [weights, name] :
       {std::pair{ef::Weights::q8, "q8.logits"}, std::pair{ef::Weights::q4, "q4.logits"}}) {
    const std::vector<float> found = recording_.logits({.compute = ef::Compute::exact, .weights = weights});
    const std::vector<float> expected = recording_.tensor(name);
    ASSERT_EQ(found.size(), expected.size());
    EXPECT_LE(eigenformer_tests::relative_difference(found, expected), 1e-4) << name;
  }
}

TEST_P(QuantizedWeights, GiveTheSameBitsEverywhere) {
  for (const ef::Weights weights : {ef::Weights::q8, ef::Weights::q4}) {
    for (const ef::Compute compute : {ef::Compute::automatic, ef::Compute::exact}) {
      const std::vector<float> expected =
          recording_.logits({.compute = compute, .weights = weights, .threads = 1, .instruction_set = "scalar"});
      for (const auto set : ef::kernels::available_instruction_sets()) {
        const std::string isa(ef::kernels::instruction_set_name(set));
        for (const unsigned threads : {1U, 3U}) {
          EXPECT_EQ(
              recording_.logits({.compute = compute, .weights = weights, .threads = threads, .instruction_set = isa}),
              expected)
              << isa << ", " << threads << " threads";
        }
      }
    }
  }
}

TEST_P(QuantizedWeights, TakeLessMemory) {
  const auto bytes = [&](ef::Weights weights) {
    return ef::load(recording_.folder(), {.weights = weights}).info().weight_bytes;
  };
  EXPECT_LT(bytes(ef::Weights::q8), bytes(ef::Weights::as_is));
  EXPECT_LT(bytes(ef::Weights::q4), bytes(ef::Weights::q8));
}

INSTANTIATE_TEST_SUITE_P(Architectures, QuantizedWeights, testing::Values("llama", "gpt2", "bert", "t5"),
                         [](const auto& architecture) { return std::string(architecture.param); });

std::string weight_types(const std::filesystem::path& model, ef::Weights weights) {
  return ef::load(model, {.weights = weights}).info().weight_types;
}

TEST(QuantizedWeightTypes, AreThoseInMemory) {
  const std::filesystem::path llama = k_golden / "quant/llama";  // down_proj [64, 44] stays as it is
  EXPECT_EQ(weight_types(llama, ef::Weights::as_is), "BF16");
  EXPECT_EQ(weight_types(llama, ef::Weights::q8), "Q8_0 + BF16");
  EXPECT_EQ(weight_types(llama, ef::Weights::q4), "Q4_1 + BF16 + Q8_0");
  EXPECT_EQ(ef::load(llama, {.weights = ef::Weights::q8}).info().parameters, ef::load(llama).info().parameters);
}

TEST(QuantizedWeightTypes, OfAGgufFileBlocksStay) {
  const std::filesystem::path mixed = k_golden / "gguf/q4_0/model.gguf";  // Q4_0, a table in F16, a head in Q8_0
  const std::string as_is = weight_types(mixed, ef::Weights::as_is);
  const std::string quantized = weight_types(mixed, ef::Weights::q8);
  EXPECT_THAT(as_is, testing::AllOf(testing::HasSubstr("F16"), testing::HasSubstr("Q4_0")));
  EXPECT_THAT(quantized, testing::AllOf(testing::Not(testing::HasSubstr("F16")), testing::HasSubstr("Q4_0"),
                                        testing::HasSubstr("Q8_0")));
}

}  // namespace quantized_weights_test
