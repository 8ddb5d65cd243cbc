// Steps that work on one row at a time: norms, activations, rotations, quantization, writing to the cache.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/program.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Work on one row: `row` counts the rows of the row set it was recorded for.
using RowBody = std::function<void(const Step& step, std::size_t row)>;

/// A chain of row-wise steps. A few rows are one task; many rows are cut into tasks of about equal work.
class RowPhase final : public Phase {
 public:
  explicit RowPhase(RowSet rows) : rows_(rows) {}

  RowSet row_set() const { return rows_; }
  /// Adds a step that touches about `width` floats a row.
  void append(RowBody body, std::size_t width) {
    bodies_.push_back(std::move(body));
    floats_per_row_ += width;
  }

  std::uint32_t tasks(const Step& step) const noexcept override;
  void run(const Step& step, std::uint32_t task, std::byte* scratch) const noexcept override;

 private:
  std::size_t rows_per_task() const noexcept;

  RowSet rows_;
  std::vector<RowBody> bodies_;
  std::size_t floats_per_row_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/row_phase-inl.hpp"
#endif
