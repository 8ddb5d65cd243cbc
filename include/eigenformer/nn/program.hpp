// The recorded program: what a forward pass is once it has been recorded, and how a step walks it.
//
// An architecture's forward runs once, at load, against a Recorder (recorder.hpp). What it leaves behind is a list of
// phases: each is cut into tasks that may run side by side, and begins when the tasks of the one before are done. A
// step walks the same phases over any batch of rows. Fusing, the count of barriers, the memory plan and the places
// where a step can pause are decided here and in the recorder, nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/nn/rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Which rows a value has.
enum class RowSet : std::uint8_t {
  all,        ///< every row of the batch
  outputs,    ///< those whose output is wanted
  distances,  ///< one for each distance between a row of the batch and a slot (Step::distance), of all sequences alike
};
inline constexpr RowSet k_row_sets[] = {RowSet::all, RowSet::outputs, RowSet::distances};
inline constexpr std::size_t k_row_set_count = std::size(k_row_sets);

/// A matrix that a program computes: [rows of its set, width].
struct Value {
  std::uint32_t id = 0;
  std::uint32_t width = 0;
  RowSet rows = RowSet::all;
};

/// Which rows of a sequence a result is about: each, or one that speaks for the whole sequence.
enum class OutputRows : std::uint8_t {
  every,
  first,  ///< [CLS]
  last,
  end_token,  ///< where the text's last NetworkInfo::end_token stands; of an encoder-decoder: the source's
};

/// A result of a program.
struct ProgramOutput {
  Value value;
  OutputRows rows = OutputRows::every;
};

class Step;

/// One stage of a program.
class Phase {
 public:
  virtual ~Phase() = default;
  /// Refuses a batch that lacks what the stage reads: throws ShapeError. Called when a step is made.
  virtual void check(const Batch&, const RowRun&) const {}
  /// Into how many tasks the stage is cut for this step. A phase of one task costs no barrier.
  virtual std::uint32_t tasks(const Step& step) const noexcept = 0;
  /// Bytes of scratch that a task needs.
  virtual std::size_t scratch_bytes(const Step&) const noexcept { return 0; }
  /// Runs one task. `scratch` begins on a cache line.
  virtual void run(const Step& step, std::uint32_t task, std::byte* scratch) const noexcept = 0;
};

/// Where a value lies: bytes from the start of its row set's arena and bytes of its own, both per row.
struct ValuePlace {
  std::size_t offset_per_row = 0;
  std::size_t bytes_per_row = 0;
  RowSet rows = RowSet::all;
};

/// A value that somebody wants to watch, and the phase after which it is complete.
struct ProbePoint {
  std::string name;
  Value value;
  std::uint32_t phase;
};

/// What recording leaves behind. Immutable; any number of steps may walk it at the same time.
struct Program {
  std::vector<std::unique_ptr<const Phase>> phases;
  std::vector<ValuePlace> places;                   ///< by Value::id
  std::size_t bytes_per_row[k_row_set_count] = {};  ///< of the arena of each RowSet
  std::map<std::string, ProgramOutput> outputs;     ///< "logits", "last_hidden_state", "pooler_output" ...
  std::vector<ProbePoint> probes;                   ///< by phase
};

/// The memory a step works in. It grows when a step has more rows than any before and is then kept, so that decoding
/// allocates nothing. One per conversation; not for two steps at a time.
class Workspace {
 public:
  /// What `runs` and `output_rows` are from now on. Throws what BatchRuns::assign throws.
  void find_rows(const Batch& batch);
  std::span<const RowRun> runs() const noexcept { return runs_.all(); }
  std::span<const std::uint32_t> output_rows() const noexcept { return output_rows_; }
  /// Room for a step. Throws std::bad_alloc.
  void prepare(const Step& step, const Program& program, unsigned workers);

  std::byte* arena(RowSet rows) noexcept { return arenas_[static_cast<std::size_t>(rows)].data(); }
  const std::byte* arena(RowSet rows) const noexcept { return arenas_[static_cast<std::size_t>(rows)].data(); }
  std::byte* scratch(unsigned worker) noexcept { return scratch_.data() + worker * scratch_bytes_; }
  std::vector<std::uint32_t>& task_counts() noexcept { return task_counts_; }
  std::size_t bytes() const noexcept {
    std::size_t bytes = scratch_.size();
    for (const AlignedBuffer& arena : arenas_) bytes += arena.size();
    return bytes;
  }

 private:
  AlignedBuffer arenas_[k_row_set_count], scratch_;
  std::size_t scratch_bytes_ = 0;
  std::vector<std::uint32_t> task_counts_;
  BatchRuns runs_;
  std::vector<std::uint32_t> output_rows_;
};

/// One walk of a program over one batch: what phases see.
class Step {
 public:
  /// Checks the batch and makes room: throws ShapeError, std::bad_alloc. `program`, `batch` and `workspace` must
  /// outlive it.
  Step(const Program& program, const Batch& batch, const kernels::KernelTable& kernels, Workspace& workspace,
       unsigned workers);

  const kernels::KernelTable& kernels() const noexcept { return kernels_; }
  const Batch& batch() const noexcept { return batch_; }
  std::span<const RowRun> runs() const noexcept { return workspace_.runs(); }
  unsigned workers() const noexcept { return workers_; }

  std::size_t row_count(RowSet rows) const noexcept {
    if (rows == RowSet::distances) return distances_.count;
    return rows == RowSet::all ? batch_.rows.size() : workspace_.output_rows().size();
  }
  /// How far behind a row's position the slots lie that row `index` of RowSet::distances stands for: farthest first, so
  /// that the slots of a sequence follow each other. Negative: before it.
  std::int32_t distance(std::size_t index) const noexcept {
    return distances_.farthest - static_cast<std::int32_t>(index);
  }
  /// The row of RowSet::distances that stands for slot 0 as seen from a position; slot j has the j-th row after it.
  std::size_t first_distance_row(std::int32_t position) const noexcept {
    return static_cast<std::size_t>(distances_.farthest - position);
  }
  /// The batch's row that a row of RowSet::all or RowSet::outputs stands for.
  std::uint32_t batch_row(RowSet rows, std::size_t row) const noexcept {
    return rows == RowSet::all ? static_cast<std::uint32_t>(row) : workspace_.output_rows()[row];
  }
  /// Floats from one row of a value to the next: its width rounded up to whole panels.
  static std::size_t stride(Value value) noexcept { return round_up(value.width, quant::k_panel_outputs); }
  /// One row of a value: [width] floats.
  float* row(Value value, std::size_t row) const noexcept {
    return reinterpret_cast<float*>(base(value)) + row * stride(value);
  }
  /// All rows of a value.
  ConstMatrixView view(Value value) const noexcept {
    return matrix_view(static_cast<const float*>(row(value, 0)),
                       {static_cast<Eigen::Index>(row_count(value.rows)), static_cast<Eigen::Index>(value.width),
                        static_cast<Eigen::Index>(stride(value))});
  }
  /// Rows `first_row` on of a value that holds quantized activations (its width is the unquantized one).
  kernels::QuantizedRows quantized(Value value, std::size_t first_row) const noexcept;
  /// Bytes of one row of quantized activations.
  static std::size_t quantized_bytes_per_row(std::size_t width) noexcept;

  /// Marks what the step stored as filled. Called once, when the program has ended.
  void commit() noexcept;

 private:
  friend class Workspace;
  /// Whole panels of distances: farthest, farthest - 1, ...
  struct Distances {
    std::int32_t farthest = 0;
    std::size_t count = 0;
  };
  static Distances distances_of(const Batch& batch, std::span<const RowRun> runs) noexcept;

  std::byte* base(Value value) const noexcept {
    return workspace_.arena(value.rows) + program_.places[value.id].offset_per_row * row_count(value.rows);
  }

  const Program& program_;
  Batch batch_;
  const kernels::KernelTable& kernels_;
  Workspace& workspace_;
  unsigned workers_;
  Distances distances_;  // counted where the program asks for them
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/program-inl.hpp"
#endif
