// The same bits whatever the machine does (docs/numerics.md): every golden model's logits have one recorded hash for
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

namespace ef = eigenformer;
using eigenformer_tests::bit_hash;
using eigenformer_tests::GoldenCase;

namespace {

/// Recorded hashes by model: {"llama_default": {"exact": "...", "automatic": "..."}}.
nlohmann::json recorded_hashes() {
  return nlohmann::json::parse(std::ifstream(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/hashes.json"));
}

const char* name_of(ef::Compute compute) { return compute == ef::Compute::exact ? "exact" : "automatic"; }

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
  void expect_recorded(const ef::LoadOptions& options, const ef::ForwardOptions& forward, const std::string& what) {
    const ef::Model model = ef::load(GetParam().model, options);
    const std::vector<float> logits = ef::forward(model, GetParam().input_ids(), forward).at("logits").values;
    const auto recorded = hashes_.at(GetParam().name).at(name_of(options.compute)).get<std::string>();
    EXPECT_EQ(bit_hash(logits), recorded) << what << ", " << name_of(options.compute);
  }

  const nlohmann::json hashes_ = recorded_hashes();
  const std::vector<ef::Compute> computes_ = {ef::Compute::exact, ef::Compute::automatic};
};

TEST_P(BitEquality, OfInstructionSetsThreadsAndChunks) {
  for (const ef::Compute compute : computes_) {
    for (const auto set : ef::kernels::available_instruction_sets()) {
      const std::string isa(ef::kernels::instruction_set_name(set));
      for (unsigned threads = 1; threads <= 4; ++threads) {
        for (const std::size_t chunk : {0, 1, 7, 32}) {
          if (threads != 2 && chunk == 1) continue;  // the slow corner once is enough
          expect_recorded({.compute = compute, .threads = threads, .instruction_set = isa}, {.chunk = chunk},
                          isa + ", " + std::to_string(threads) + " threads, chunk " + std::to_string(chunk));
        }
      }
    }
  }
}

TEST_P(BitEquality, OfAnExecutorThatRunsItemsBackward) {
  for (const ef::Compute compute : computes_) {
    expect_recorded({.compute = compute, .executor = std::make_shared<BackwardExecutor>()}, {}, "backward executor");
  }
}

TEST_P(BitEquality, WhenTheCallerFlushesSubnormals) {
  const eigenformer_tests::FlushToZero mode;
  for (const ef::Compute compute : computes_) expect_recorded({.compute = compute}, {}, "flush to zero");
}

/// The recorded sequence as number `place` of `count` sequences of different lengths in one step.
std::vector<float> logits_in_company(const ef::Model& model, const std::vector<ef::TokenId>& ids, std::size_t count,
                                     std::size_t place) {
  std::vector<ef::nn::KvCache> caches(count, ef::nn::KvCache(model.state().cache_layout));
  std::vector<ef::nn::BatchSequence> sequences(count);
  std::vector<ef::nn::Row> rows;
  for (std::size_t sequence = 0; sequence < count; ++sequence) {
    const std::size_t length = sequence == place ? ids.size() : 1 + (7 * sequence) % ids.size();
    sequences[sequence] = {
        .cache = &caches[sequence], .source = nullptr, .frequency_length = static_cast<std::uint32_t>(length)};
    for (std::uint32_t slot = 0; slot < length; ++slot) {
      const std::size_t token = sequence == place ? slot : (slot + 3 * sequence + 1) % ids.size();
      rows.push_back({.token = ids[token],
                      .sequence = static_cast<std::uint32_t>(sequence),
                      .slot = slot,
                      .position = static_cast<std::int32_t>(slot),
                      .wants_output = sequence == place});
    }
  }
  ef::nn::Session session(model.state().runner());
  session.run({rows, sequences});
  const ef::ConstMatrixView view = session.result("logits");
  std::vector<float> logits;
  for (Eigen::Index row = 0; row < view.rows(); ++row) {
    const float* first = view.data() + row * view.outerStride();
    logits.insert(logits.end(), first, first + view.cols());
  }
  return logits;
}

TEST_P(BitEquality, OfASequenceAloneAndInCompany) {
  for (const ef::Compute compute : computes_) {
    const ef::Model model = ef::load(GetParam().model, {.compute = compute, .threads = 2});
    const auto recorded = hashes_.at(GetParam().name).at(name_of(compute)).get<std::string>();
    for (std::size_t count = 1; count <= 9; ++count) {
      const std::size_t place = count / 2;
      EXPECT_EQ(bit_hash(logits_in_company(model, GetParam().input_ids(), count, place)), recorded)
          << "one of " << count << ", " << name_of(compute);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, BitEquality, testing::ValuesIn(eigenformer_tests::golden_cases()),
                         [](const auto& golden) { return golden.param.name; });

/// What hashes.json should hold is written to the build folder: copy it over when a rule of docs/numerics.md
/// changes, and raise k_numerics_version.
TEST(BitEqualityRecording, PrintsTheHashesOfThisBuild) {
  nlohmann::json hashes;
  for (const GoldenCase& golden : eigenformer_tests::golden_cases()) {
    for (const ef::Compute compute : {ef::Compute::exact, ef::Compute::automatic}) {
      const ef::Model model = ef::load(golden.model, {.compute = compute, .instruction_set = "scalar"});
      hashes[golden.name][name_of(compute)] = bit_hash(ef::forward(model, golden.input_ids()).at("logits").values);
    }
  }
  hashes["numerics_version"] = ef::k_numerics_version;
  std::ofstream(std::string(EIGENFORMER_BINARY_DIR) + "/hashes.json") << hashes.dump(1) << "\n";
  EXPECT_EQ(hashes, recorded_hashes()) << "this build's hashes are in hashes.json of the build folder";
}

}  // namespace
