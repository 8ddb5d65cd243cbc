// The same bits whatever the machine does (docs/numerics.md): every golden model's results have one recorded hash for
// every instruction set, count of threads, company in the batch, chunk size, executor and floating-point mode of the
// caller.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/kernels/select.hpp"
#include "eigenformer/model_state.hpp"
#include "tests/support/bit_hash.hpp"
#include "tests/support/flush_to_zero.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/output_values.hpp"
#include "tests/support/results_of_rows.hpp"

namespace ef = eigenformer;
using eigenformer_tests::bit_hash;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::output_values;
using eigenformer_tests::results_of_rows;

namespace {

/// Recorded hashes by model: {"llama_default": {"exact": "...", "automatic": "...", "int8_cache": "..."}}.
nlohmann::json recorded_hashes() {
  return nlohmann::json::parse(std::ifstream(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/hashes.json"));
}

/// A chunk of this size is the whole text.
constexpr std::size_t k_one_piece = 0;

/// What is chosen of the arithmetic.
struct Arithmetic {
  const char* name;
  ef::Compute compute;
  ef::CacheElement cache = ef::CacheElement::automatic;
};
constexpr Arithmetic k_arithmetics[] = {{"exact", ef::Compute::exact},
                                        {"automatic", ef::Compute::automatic},
                                        {"int8_cache", ef::Compute::automatic, ef::CacheElement::int8}};

/// Runs the items of a step one after another, the last one first.
class BackwardExecutor final : public ef::Executor {
 public:
  unsigned concurrency() const noexcept override { return 3; }
  void run(unsigned items, const ef::Work& work) override {
    while (items-- > 0) work(items);
  }
};

class BitEquality : public testing::TestWithParam<GoldenCase> {
 protected:
  /// The text is read in chunks of each of these sizes.
  void expect_recorded(const Arithmetic& arithmetic, ef::LoadOptions options, const std::vector<std::size_t>& chunks,
                       const std::string& what) {
    options.compute = arithmetic.compute;
    options.cache = arithmetic.cache;
    const ef::Model model = ef::load(GetParam().model, options);
    ef::ForwardOptions forward = GetParam().inputs();
    for (const std::size_t chunk : chunks) {
      forward.chunk = chunk;
      const std::vector<float> values = output_values(ef::forward(model, GetParam().input_ids(), forward));
      EXPECT_EQ(bit_hash(values), recorded(arithmetic)) << what << ", chunk " << chunk << ", " << arithmetic.name;
    }
  }

  std::string recorded(const Arithmetic& arithmetic) const {
    return hashes_.at(GetParam().name).at(arithmetic.name).get<std::string>();
  }

 private:
  const nlohmann::json hashes_ = recorded_hashes();
};

TEST_P(BitEquality, OfInstructionSetsThreadsAndChunks) {
  for (const Arithmetic& arithmetic : k_arithmetics) {
    for (const auto set : ef::kernels::available_instruction_sets()) {
      const std::string isa(ef::kernels::instruction_set_name(set));
      // The slow corners, chunks of one token and plain code, are taken less often.
      const bool is_slow = set == ef::kernels::InstructionSet::scalar;
      for (unsigned threads = 1; threads <= 4; threads += is_slow ? 2 : 1) {
        std::vector<std::size_t> chunks = {k_one_piece, 7};
        if (!is_slow) chunks.push_back(32);
        if (threads == 2) chunks.push_back(1);
        expect_recorded(arithmetic, {.threads = threads, .instruction_set = isa}, chunks,
                        isa + ", " + std::to_string(threads) + " threads");
      }
    }
  }
}

TEST_P(BitEquality, OfAnExecutorThatRunsItemsBackward) {
  for (const Arithmetic& arithmetic : k_arithmetics) {
    expect_recorded(arithmetic, {.executor = std::make_shared<BackwardExecutor>()}, {k_one_piece}, "backward executor");
  }
}

TEST_P(BitEquality, WhenTheCallerFlushesSubnormals) {
  const eigenformer_tests::FlushToZero mode;
  for (const Arithmetic& arithmetic : k_arithmetics) expect_recorded(arithmetic, {}, {k_one_piece}, "flush to zero");
}

/// The recorded sequence as number `place` of `count` sequences of different lengths in one step.
std::vector<float> results_in_company(const ef::Model& model, const GoldenCase& golden, std::size_t count,
                                      std::size_t place) {
  const std::vector<ef::TokenId> ids = golden.input_ids();
  const std::vector<std::int32_t> types = golden.inputs().token_type_ids;
  const std::size_t tokens = ids.size();
  std::vector<ef::nn::KvCache> caches(count, ef::nn::KvCache(model.state().cache_layout));
  std::vector<ef::nn::BatchSequence> sequences(count);
  std::vector<ef::nn::Row> rows;
  std::size_t first = 0;
  for (std::size_t sequence = 0; sequence < count; ++sequence) {
    const std::size_t length = sequence == place ? tokens : 1 + (7 * sequence) % tokens;
    sequences[sequence] = {
        .cache = &caches[sequence], .source = nullptr, .frequency_length = static_cast<std::uint32_t>(length)};
    if (sequence == place) first = rows.size();
    for (std::uint32_t slot = 0; slot < length; ++slot) {
      const std::size_t token = sequence == place ? slot : (slot + 3 * sequence + 1) % tokens;
      rows.push_back({.token = ids[token],
                      .sequence = static_cast<std::uint32_t>(sequence),
                      .slot = slot,
                      .position = static_cast<std::int32_t>(slot),
                      .segment = types.empty() ? 0 : types[token],
                      .wants_output = sequence == place});
    }
  }
  model.state().network->place_rows(rows, ef::nn::ProgramRole::main);
  ef::nn::Session session(model.state().runner());
  session.run({rows, sequences});
  return results_of_rows(session, model.state().program, {.first = first, .count = tokens});
}

/// Of encoder-decoders: tests/model/pairs_in_company_test.cpp.
class BitEqualityOfOneText : public BitEquality {};

TEST_P(BitEqualityOfOneText, AloneAndInCompany) {
  for (const Arithmetic& arithmetic : k_arithmetics) {
    const ef::Model model =
        ef::load(GetParam().model, {.compute = arithmetic.compute, .cache = arithmetic.cache, .threads = 2});
    for (std::size_t count = 1; count <= 9; ++count) {
      const std::size_t place = count / 2;
      EXPECT_EQ(bit_hash(results_in_company(model, GetParam(), count, place)), recorded(arithmetic))
          << "one of " << count << ", " << arithmetic.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, BitEquality, testing::ValuesIn(eigenformer_tests::all_golden_cases()),
                         [](const auto& golden) { return golden.param.name; });
INSTANTIATE_TEST_SUITE_P(Models, BitEqualityOfOneText, testing::ValuesIn(eigenformer_tests::golden_cases()),
                         [](const auto& golden) { return golden.param.name; });

/// What hashes.json should hold is written to the build folder: copy it over when a rule of docs/numerics.md
/// changes, and raise k_numerics_version.
TEST(BitEqualityRecording, PrintsTheHashesOfThisBuild) {
  nlohmann::json hashes;
  for (const GoldenCase& golden : eigenformer_tests::all_golden_cases()) {
    for (const Arithmetic& arithmetic : k_arithmetics) {
      const ef::Model model = ef::load(
          golden.model, {.compute = arithmetic.compute, .cache = arithmetic.cache, .instruction_set = "scalar"});
      hashes[golden.name][arithmetic.name] =
          bit_hash(output_values(ef::forward(model, golden.input_ids(), golden.inputs())));
    }
  }
  hashes["numerics_version"] = ef::k_numerics_version;
  std::ofstream(std::string(EIGENFORMER_BINARY_DIR) + "/hashes.json") << hashes.dump(1) << "\n";
  EXPECT_EQ(hashes, recorded_hashes()) << "this build's hashes are in hashes.json of the build folder";
}

}  // namespace
