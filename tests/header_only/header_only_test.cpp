#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "eigenformer/eigenformer.hpp"
#include "tests/header_only/other_unit.hpp"
#include "tests/support/bit_hash.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/output_values.hpp"

namespace ef = eigenformer;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::output_values;

namespace {

class HeaderOnly : public testing::TestWithParam<GoldenCase> {};

TEST_P(HeaderOnly, GivesTheRecordedHashInBothTranslationUnits) {
  const nlohmann::json recorded =
      nlohmann::json::parse(std::ifstream(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/hashes.json"))
          .at(GetParam().name);
  for (const auto& [compute, name] : {std::pair(ef::Compute::exact, "exact"), {ef::Compute::automatic, "automatic"}}) {
    const ef::Model model = ef::load(GetParam().model, {.compute = compute, .threads = 2});
    const std::string hash =
        eigenformer_tests::bit_hash(output_values(ef::forward(model, GetParam().input_ids(), GetParam().inputs())));
    std::cout << GetParam().name << " " << name << " " << hash << "\n";
    EXPECT_EQ(hash, recorded.at(name).get<std::string>()) << name;
    EXPECT_EQ(hash_in_other_unit(model, GetParam()), hash) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, HeaderOnly, testing::ValuesIn(eigenformer_tests::golden_cases()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace
