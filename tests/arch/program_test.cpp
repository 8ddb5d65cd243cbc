// What the recorder makes of an architecture's forward: the figure in docs/HACKING.md.
#include <gtest/gtest.h>

#include <filesystem>

#include "eigenformer/model.hpp"
#include "eigenformer/model_state.hpp"

namespace ef = eigenformer;

namespace {

std::size_t phases_of(ef::Compute compute) {
  const auto path = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/gguf/q4_1/model.gguf";
  const ef::Model model = ef::load(path, {.compute = compute, .threads = 1});
  EXPECT_EQ(model.info().architecture, "llama");
  EXPECT_EQ(model.info().layers, 2U);
  EXPECT_TRUE(model.state().program.probes.empty());
  return model.state().program.phases.size();
}

// After the layers: the outputs' rows with their norm, and the head. The embedding is part of the first layer's first
// phase.
TEST(RecordedProgram, ALayerWithQuantizedInputsIsTenPhases) {
  EXPECT_EQ(phases_of(ef::Compute::automatic), 2 * 10U + 2);
}

TEST(RecordedProgram, WithoutQuantizationTheAttentionsResultGoesStraightToItsProduct) {
  EXPECT_EQ(phases_of(ef::Compute::exact), 2 * 9U + 2);
}

}  // namespace
