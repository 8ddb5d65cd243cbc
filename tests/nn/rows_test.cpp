#include "eigenformer/nn/rows.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/errors.hpp"

namespace eigenformer {
namespace {

nn::Row row(std::uint32_t sequence, std::uint32_t slot) {
  nn::Row made;
  made.sequence = sequence;
  made.slot = slot;
  return made;
}

TEST(Rows, AreCutIntoRunsOfOneSequenceEach) {
  const std::vector<nn::Row> rows = {row(2, 5), row(0, 0), row(0, 1), row(0, 7), row(1, 3)};
  const std::vector<nn::BatchSequence> sequences(3);
  nn::BatchRuns batch_runs;
  batch_runs.assign({rows, sequences});
  const std::span<const nn::RowRun> runs = batch_runs.all();
  ASSERT_EQ(runs.size(), 3U);
  const auto expect_run = [](const nn::RowRun& run, std::uint32_t sequence, std::uint32_t first, std::uint32_t count) {
    EXPECT_EQ(run.sequence, sequence);
    EXPECT_EQ(run.first_row, first);
    EXPECT_EQ(run.row_count, count);
  };
  expect_run(runs[0], 2, 0, 1);
  expect_run(runs[1], 0, 1, 3);
  expect_run(runs[2], 1, 4, 1);
  batch_runs.assign({{}, sequences});
  EXPECT_TRUE(batch_runs.all().empty());
}

TEST(Rows, OutOfOrderAreRefused) {
  const auto error = [](const std::vector<nn::Row>& rows) {
    const std::vector<nn::BatchSequence> sequences(2);
    return eigenformer_tests::error_of([&] { nn::BatchRuns().assign({rows, sequences}); });
  };
  EXPECT_EQ(error({row(0, 0), row(2, 0)}),
            "shape.row_sequence: row 1: expected a sequence below 2, found 2; pass the sequences of all rows");
  EXPECT_EQ(error({row(0, 4), row(0, 4)}),
            "shape.row_order: row 1: expected slots that ascend within a sequence, found slot 4 after 4; order the "
            "rows of a sequence by slot");
  EXPECT_EQ(error({row(0, 4), row(0, 3)}),
            "shape.row_order: row 1: expected slots that ascend within a sequence, found slot 3 after 4; order the "
            "rows of a sequence by slot");
  EXPECT_EQ(error({row(0, 0), row(1, 0), row(0, 1)}),
            "shape.rows_apart: row 2: expected the rows of a sequence side by side, found sequence 0 in two places; "
            "order the rows by sequence");
}

}  // namespace
}  // namespace eigenformer
