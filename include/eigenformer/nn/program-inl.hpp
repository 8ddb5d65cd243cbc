#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/nn/program.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace program_detail {

inline void grow(AlignedBuffer& buffer, std::size_t bytes) {
  if (buffer.size() >= bytes) return;
  buffer = AlignedBuffer();  // give the old memory back before asking for more
  buffer = AlignedBuffer(bytes);
}

/// A gap would be attended to as keys of zeros; a slot that is filled may belong to a fork as well.
inline void require_next_slots(const Batch& batch, const RowRun& run) {
  const KvCache* cache = batch.sequences[run.sequence].cache;
  if (cache == nullptr) return;
  for (std::uint32_t index = 0; index < run.row_count; ++index) {
    const std::uint32_t slot = batch.rows[run.first_row + index].slot;
    if (slot == cache->size() + index) continue;
    throw ShapeError({.id = "shape.row_slot",
                      .expected = "slot " + std::to_string(cache->size() + index) + ", the next of its sequence",
                      .found = "slot " + std::to_string(slot),
                      .where = "row " + std::to_string(run.first_row + index),
                      .remedy = "begin with the first slot that the cache lacks and leave none out"});
  }
}

}  // namespace program_detail

EIGENFORMER_INLINE void Workspace::find_rows(const Batch& batch) {
  runs_.assign(batch);
  output_rows_.clear();
  for (std::uint32_t row = 0; row < batch.rows.size(); ++row) {
    if (batch.rows[row].wants_output) output_rows_.push_back(row);
  }
}

EIGENFORMER_INLINE void Workspace::prepare(const Step& step, const Program& program, unsigned workers) {
  for (const RowSet rows : k_row_sets) {
    const auto set = static_cast<std::size_t>(rows);
    program_detail::grow(arenas_[set], program.bytes_per_row[set] * step.row_count(rows));
  }
  task_counts_.resize(program.phases.size());
  std::size_t scratch_bytes = 0;
  for (std::size_t index = 0; index < program.phases.size(); ++index) {
    task_counts_[index] = program.phases[index]->tasks(step);
    scratch_bytes = std::max(scratch_bytes, program.phases[index]->scratch_bytes(step));
  }
  scratch_bytes_ = std::max(scratch_bytes_, round_up(scratch_bytes, k_cache_line));
  program_detail::grow(scratch_, scratch_bytes_ * workers);
}

EIGENFORMER_INLINE Step::Step(const Program& program, const Batch& batch, const kernels::KernelTable& kernels,
                              Workspace& workspace, unsigned workers)
    : program_(program), batch_(batch), kernels_(kernels), workspace_(workspace), workers_(workers) {
  workspace.find_rows(batch);
  for (const RowRun& run : runs()) {
    program_detail::require_next_slots(batch, run);
    for (const auto& phase : program.phases) phase->check(batch, run);
  }
  for (const RowRun& run : runs()) {
    KvCache* cache = batch.sequences[run.sequence].cache;
    if (cache != nullptr) cache->prepare(batch.rows[run.first_row + run.row_count - 1].slot + std::size_t{1});
  }
  if (program.bytes_per_row[static_cast<std::size_t>(RowSet::distances)] != 0) distances_ = distances_of(batch, runs());
  workspace.prepare(*this, program, workers);
}

EIGENFORMER_INLINE Step::Distances Step::distances_of(const Batch& batch, std::span<const RowRun> runs) noexcept {
  std::int32_t farthest = 0;
  std::int32_t nearest = 0;
  for (const RowRun& run : runs) {
    const auto last_slot = static_cast<std::int32_t>(batch.rows[run.first_row + run.row_count - 1].slot);
    for (const Row& row : batch.rows.subspan(run.first_row, run.row_count)) {
      farthest = std::max(farthest, row.position);
      nearest = std::min(nearest, row.position - last_slot);
    }
  }
  const auto count = static_cast<std::size_t>(farthest - nearest) + 1;
  return {farthest, round_up(count, quant::k_panel_outputs)};
}

EIGENFORMER_INLINE std::size_t Step::quantized_bytes_per_row(std::size_t width) noexcept {
  const std::size_t inner = round_up(width, quant::k_block);
  return inner + inner / quant::k_block * (2 * sizeof(float) + sizeof(std::int32_t));
}

EIGENFORMER_INLINE kernels::QuantizedRows Step::quantized(Value value, std::size_t first_row) const noexcept {
  const std::size_t rows = row_count(value.rows);
  const std::size_t inner = round_up(value.width, quant::k_block);
  const std::size_t blocks = inner / quant::k_block;
  std::byte* codes = base(value);
  auto* scales = reinterpret_cast<float*>(codes + rows * inner);
  float* scaled_sums = scales + rows * blocks;
  auto* sums = reinterpret_cast<std::int32_t*>(scaled_sums + rows * blocks);
  return {reinterpret_cast<std::int8_t*>(codes) + first_row * inner, scales + first_row * blocks,
          scaled_sums + first_row * blocks, sums + first_row * blocks, inner};
}

EIGENFORMER_INLINE void Step::commit() noexcept {
  for (const RowRun& run : runs()) {
    KvCache* cache = batch_.sequences[run.sequence].cache;
    if (cache == nullptr) continue;
    for (std::uint32_t row = run.first_row; row < run.first_row + run.row_count; ++row) {
      if (batch_.rows[row].stores_keys) cache->commit(batch_.rows[row].slot + std::size_t{1});
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
