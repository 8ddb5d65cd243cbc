#pragma once

#include <algorithm>

#include "eigenformer/nn/row_phase.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace row_phase_detail {

/// Work below which handing rows to another thread costs more than doing them: some microseconds' worth of floats.
inline constexpr std::size_t k_floats_per_task = 8192;

}  // namespace row_phase_detail

EIGENFORMER_INLINE std::size_t RowPhase::rows_per_task() const noexcept {
  return std::max<std::size_t>(1, row_phase_detail::k_floats_per_task / std::max<std::size_t>(1, floats_per_row_));
}

EIGENFORMER_INLINE std::uint32_t RowPhase::tasks(const Step& step) const noexcept {
  const std::size_t per_task = rows_per_task();
  return static_cast<std::uint32_t>((step.row_count(rows_) + per_task - 1) / per_task);
}

EIGENFORMER_INLINE void RowPhase::run(const Step& step, std::uint32_t task, std::byte*) const noexcept {
  const std::size_t first = task * rows_per_task();
  const std::size_t end = std::min(first + rows_per_task(), step.row_count(rows_));
  for (std::size_t row = first; row < end; ++row) {
    for (const RowBody& body : bodies_) body(step, row);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
