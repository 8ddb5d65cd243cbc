// The recorder: whatever it fuses and wherever it puts values, the bits are those of the naive evaluation.
#include "eigenformer/nn/recorder.hpp"

#include <gtest/gtest.h>

#include "eigenformer/nn/session.hpp"
#include "tests/nn/executors.hpp"
#include "tests/nn/random_graph.hpp"
#include "tests/nn/tiny_decoder.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer {
namespace {

using namespace testing_nn;
using eigenformer_tests::error_of;

nn::Program record(const RandomGraph& graph, bool exact, std::function<bool(std::string_view)> keep) {
  Recorder recorder({.exact = exact, .keep = std::move(keep)});
  graph.record(recorder);
  return std::move(recorder).finish();
}

/// Walks the program and compares what it puts out and what its probes show.
void expect_naive_values(const RandomGraph& graph, const nn::Program& program, const nn::Batch& batch,
                         const std::vector<std::vector<float>>& wanted) {
  SequentialExecutor executor({0, 1});
  nn::Session session({&program, &best_kernels(), &executor});
  std::set<std::string> seen;
  const auto index_of = [](std::string_view name) { return std::stoul(std::string(name.substr(5))); };
  session.run(batch, {}, [&](std::string_view name, const ConstMatrixView& values) {
    EXPECT_TRUE(same_bits(copy_of(values), wanted[index_of(name)])) << "probe " << name;
    EXPECT_TRUE(seen.insert(std::string(name)).second) << "twice: " << name;
  });
  EXPECT_EQ(seen.size(), program.probes.size());
  for (std::size_t node = 0; node < graph.nodes().size(); ++node) {
    if (!graph.nodes()[node].is_output) continue;
    EXPECT_TRUE(same_bits(copy_of(session.result(RandomGraph::name(node))), wanted[node])) << "output " << node;
  }
}

class RecordedGraphs : public ::testing::TestWithParam<bool> {};

TEST_P(RecordedGraphs, HaveTheBitsOfTheNaiveEvaluation) {
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomGraph graph(seed);
    const RandomBatch batch(seed, graph.input_width(), 1 + seed % 70);
    const auto wanted = graph.evaluate(best_kernels(), batch.batch(), GetParam());
    const auto none = [](std::string_view) { return false; };
    const auto every = [](std::string_view) { return true; };
    const auto some = [seed](std::string_view name) { return (std::hash<std::string_view>{}(name) ^ seed) % 3 == 0; };
    for (const std::function<bool(std::string_view)>& keep :
         {std::function<bool(std::string_view)>(none), {every}, {some}}) {
      expect_naive_values(graph, record(graph, GetParam(), keep), batch.batch(), wanted);
    }
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Exact, RecordedGraphs, ::testing::Bool());

TEST(Recorder, PutsEveryValueOnACacheLineOfItsArena) {
  for (std::uint32_t seed = 1000; seed < 1100; ++seed) {
    const nn::Program program = record(RandomGraph(seed), false, [](std::string_view) { return true; });
    for (const nn::ValuePlace& place : program.places) {
      EXPECT_EQ(place.offset_per_row % k_cache_line, 0U);
      const std::size_t arena = program.bytes_per_row[static_cast<std::size_t>(place.rows)];
      EXPECT_LE(place.offset_per_row + place.bytes_per_row, arena);
    }
  }
}

/// The smallest things that are recorded: an input, and weights.
struct Small {
  explicit Small(std::uint32_t size)
      : numbers(std::size_t{size} * size, 0.25F),
        matrix(quant::pack(std::as_bytes(std::span(numbers)), DataType::f32, size, size)),
        width(size) {}

  Value input(Recorder& recorder) const {
    return recorder.rows(RowSet::all, {}, width, [](Value output) -> RowBody {
      return [output](const Step& step, std::size_t row) {
        std::copy_n(step.batch().rows[row].vector, output.width, step.row(output, row));
      };
    });
  }
  Value copy(Recorder& recorder, Value x) const {
    return recorder.rows(x.rows, {x}, width, [x](Value output) -> RowBody {
      return [x, output](const Step& step, std::size_t row) {
        std::copy_n(step.row(x, row), output.width, step.row(output, row));
      };
    });
  }

  std::vector<float> numbers;
  quant::PackedMatrix matrix;
  std::uint32_t width;
};

TEST(Recorder, MakesOnePhaseOfNeighbouringRowSteps) {
  const Small small(8);
  Recorder recorder({});
  recorder.output("y", small.copy(recorder, small.copy(recorder, small.input(recorder))));
  EXPECT_EQ(std::move(recorder).finish().phases.size(), 1U);
}

TEST(Recorder, MakesOnePhaseOfProductsThatShareTheirInput) {
  const Small small(8);
  Recorder recorder({});
  const Value x = small.input(recorder);
  const Value q = recorder.linear(x, {&small.matrix});
  const Value k = recorder.linear(x, {&small.matrix});
  const Value v = recorder.linear(x, {&small.matrix});
  recorder.output("y", recorder.add(recorder.add(q, k), v));
  EXPECT_EQ(std::move(recorder).finish().phases.size(), 3U);  // input, products, sums
}

TEST(Recorder, TakesASumIntoTheProductItFollows) {
  const Small small(8);
  Recorder recorder({});
  const Value x = small.input(recorder);
  recorder.output("y", recorder.add(x, recorder.linear(x, {&small.matrix})));
  EXPECT_EQ(std::move(recorder).finish().phases.size(), 2U);
}

TEST(Recorder, FusesNothingOverAWatchedValue) {
  const Small small(8);
  Recorder recorder({.keep = [](std::string_view name) { return name == "product"; }});
  const Value x = small.input(recorder);
  const Value product = recorder.linear(x, {&small.matrix});
  recorder.probe("product", product);
  recorder.output("y", recorder.add(x, product));
  const nn::Program program = std::move(recorder).finish();
  EXPECT_EQ(program.phases.size(), 3U);
  ASSERT_EQ(program.probes.size(), 1U);
  EXPECT_EQ(program.probes[0].phase, 1U);
}

TEST(Recorder, ReusesTheMemoryOfValuesThatNobodyReadsAnyMore) {
  const Small small(16);
  const auto bytes_after = [&](int depth) {
    Recorder recorder({});
    Value x = small.input(recorder);
    for (int layer = 0; layer < depth; ++layer) x = recorder.linear(x, {&small.matrix});
    recorder.output("y", x);
    return std::move(recorder).finish().bytes_per_row[static_cast<std::size_t>(RowSet::all)];
  };
  EXPECT_EQ(bytes_after(2), bytes_after(40));
  EXPECT_EQ(bytes_after(40), 2 * 16 * sizeof(float));
}

TEST(Recorder, RefusesValuesThatASumTookThePlaceOf) {
  const Small small(8);
  const auto error_after_sum = [&](const std::function<void(Recorder&, Value product)>& use) {
    return error_of([&] {
      Recorder recorder({.keep = [](std::string_view name) { return name == "late"; }});
      const Value x = small.input(recorder);
      const Value product = recorder.linear(x, {&small.matrix});
      (void)recorder.add(x, product);
      use(recorder, product);
    });
  };
  const std::string error =
      "usage.recorded_value_consumed: recording a forward pass: expected a value that still exists, found one that a "
      "sum took the place of; read it before add(), or probe it";
  EXPECT_EQ(error_after_sum([&](Recorder& r, Value p) { small.copy(r, p); }), error);
  EXPECT_EQ(error_after_sum([&](Recorder& r, Value p) { r.linear(p, {&small.matrix}); }), error);
  EXPECT_EQ(error_after_sum([&](Recorder& r, Value p) { r.add(p, p); }), error);
  EXPECT_EQ(error_after_sum([&](Recorder& r, Value p) { r.output("y", p); }), error);
  EXPECT_EQ(error_after_sum([&](Recorder& r, Value p) { r.outputs_only(p); }), error);
  EXPECT_EQ(error_after_sum([&](Recorder& r, Value p) { r.probe("late", p); }), error);
  EXPECT_EQ(error_after_sum([&](Recorder& r, Value p) { r.probe("not watched", p); }), "no error");
}

TEST(Recorder, RefusesSizesThatDoNotFit) {
  const Small small(8);
  const Small wide(9);
  Recorder recorder({});
  EXPECT_EQ(error_of([&] { recorder.linear(small.input(recorder), {&wide.matrix}); }),
            "shape.linear_input: recording a forward pass: expected an input of width 9, found width 8; check the "
            "sizes in the config against the weights");
  EXPECT_EQ(error_of([&] { recorder.add(small.input(recorder), wide.input(recorder)); }),
            "shape.sum: recording a forward pass: expected two values of width 8 over the same rows, found width 9; "
            "check the residual wiring of the architecture");
}

TEST(Recorder, GivesResultsWithoutRowsWhereNoOutputIsWanted) {
  const Small small(8);
  Recorder recorder({});
  recorder.output("y", recorder.linear(recorder.outputs_only(small.input(recorder)), {&small.matrix}));
  const nn::Program program = std::move(recorder).finish();
  RandomBatch batch(1, 8, 5);
  for (nn::Row& row : batch.rows()) row.wants_output = false;
  SequentialExecutor executor({0});
  nn::Session session({&program, &best_kernels(), &executor});
  EXPECT_EQ(session.run(batch.batch()), nn::WalkOutcome::finished);
  EXPECT_EQ(session.result("y").rows(), 0);
  EXPECT_THROW((void)session.result("z"), UsageError);
}

}  // namespace
}  // namespace eigenformer
