// The recorder: what an architecture's forward is written against. Each call appends to the program; nothing is
// computed yet.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/linear_phase.hpp"
#include "eigenformer/nn/program.hpp"
#include "eigenformer/nn/row_phase.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// How a program is recorded.
struct RecorderOptions {
  bool exact = false;  ///< Compute::exact: activations stay f32 for block formats, too
  /// Which probes somebody wants: those values are kept and nothing is fused over them. The bits stay the same.
  std::function<bool(std::string_view name)> keep = [](std::string_view) { return false; };
  /// Room for kept attention maps: slots of the longest sequence that will be watched.
  std::size_t watched_slots = 0;
  /// The same for cross-attention: slots of the longest source.
  std::size_t watched_source_slots = 0;
};

/// Records a program. Values are handles; the memory behind them is planned when the program is finished.
class Recorder {
 public:
  explicit Recorder(RecorderOptions options);

  /// A new value of `width` floats a row that is computed row by row from `inputs`. `make` gets its handle and returns
  /// the work on one row. Inputs of RowSet::all are seen by a value of RowSet::outputs through `step.batch_row`.
  /// Neighbouring row-wise steps over the same rows become one phase.
  Value rows(RowSet rows, const std::vector<Value>& inputs, std::uint32_t width,
             const std::function<RowBody(Value output)>& make);

  /// Work on each row of `rows` that makes no value (storing keys in a cache).
  void each_row(RowSet rows, const std::vector<Value>& inputs, RowBody body);

  /// x W^T + bias: [rows, inner] -> [rows, outputs]. Neighbouring products of the same input become one phase.
  Value linear(Value input, const LinearWeights& weights);

  /// left + right. A sum that directly follows the product it adds to becomes part of it.
  Value add(Value left, Value right);

  /// The rows whose output is wanted.
  Value outputs_only(Value input);

  /// A phase of its own that computes a value of `width` floats a row from `inputs`.
  Value phase(const std::vector<Value>& inputs, std::uint32_t width,
              const std::function<std::unique_ptr<const Phase>(Value output)>& make);

  /// Names a value for those who watch. Costs nothing when nobody does.
  void probe(const std::string& name, Value value);
  /// Whether somebody watches that name: for values that are only computed to be shown (attention maps).
  bool keeps(const std::string& name) const { return options_.keep(name); }
  std::size_t watched_slots() const { return options_.watched_slots; }
  std::size_t watched_source_slots() const { return options_.watched_source_slots; }

  /// Names a result of the program. One that is about a whole sequence is computed for each row of its set all the
  /// same; whoever runs the program wants the output of that row alone (Row::wants_output), or picks it.
  void output(const std::string& name, Value value, OutputRows rows = OutputRows::every);

  /// Plans the memory and hands the program over.
  Program finish() &&;

 private:
  struct Lifetime {
    std::uint32_t first;    // the phase that computes it
    std::uint32_t last;     // the last that reads it
    bool kept = false;      // somebody watches it: nothing is fused over it
    bool consumed = false;  // a sum took its place: reading it would be a mistake of the architecture's author
  };

  Value make_value(std::uint32_t width, RowSet rows, std::size_t bytes_per_row);
  Value quantized(Value input);
  void open_row_phase(RowSet rows);
  std::optional<Value> fused_sum(Value term, Value product);
  void use(Value value);
  std::uint32_t current_phase() const { return static_cast<std::uint32_t>(program_.phases.size()); }
  void close_phase();
  void plan_memory();

  RecorderOptions options_;
  Program program_;
  std::vector<Lifetime> lifetimes_;           // by Value::id
  std::map<std::uint32_t, Value> quantized_;  // the quantized twin of a value, by Value::id
  std::unique_ptr<RowPhase> open_rows_;       // the phase that may still grow, at most one of the two
  std::unique_ptr<LinearPhase> open_linear_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/recorder-inl.hpp"
#endif
