// The recorder: what an architecture's forward is written against. Each call appends to the program; nothing is computed yet.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/program.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// How a program is recorded.
struct RecorderOptions {
  bool exact = false;  ///< Compute::exact: activations stay f32 for block formats, too
  /// Which probes somebody wants: those values are kept and nothing is fused over them. The bits stay the same.
  std::function<bool(std::string_view name)> keep = [](std::string_view) { return false; };
};

/// Work on one row: `row` counts the rows of the row set it was recorded for.
using RowBody = std::function<void(const Step& step, std::size_t row)>;

/// A matrix and what follows its product.
struct LinearWeights {
  const quant::PackedMatrix* matrix;  ///< [outputs, inner]
  const float* bias = nullptr;        ///< [outputs rounded up to 16], or null
};

/// Records a program. Values are handles; the memory behind them is planned when the program is finished.
class Recorder {
 public:
  explicit Recorder(RecorderOptions options) : options_(std::move(options)) {}

  /// A new value of `width` floats a row that `body` computes, row by row, from `inputs` (values of the same row set,
  /// or of RowSet::all). `body` gets the handle when it has been made: capture it through the returned reference.
  /// Neighbouring row-wise steps become one phase.
  Value rows(std::initializer_list<Value> inputs, std::uint32_t width, const std::function<RowBody(Value output)>& make);

  /// Work on each row of `rows` that makes no value (storing keys in a cache).
  void each_row(RowSet rows, std::initializer_list<Value> inputs, RowBody body);

  /// x W^T + bias: [rows, inner] -> [rows, outputs]. Neighbouring products of the same input become one phase.
  Value linear(Value input, const LinearWeights& weights);

  /// left + right. A sum that directly follows the product it adds to becomes part of it.
  Value add(Value left, Value right);

  /// The rows whose output is wanted.
  Value outputs_only(Value input);

  /// A phase of its own that computes a value of `width` floats a row from `inputs`.
  Value phase(std::initializer_list<Value> inputs, std::uint32_t width,
              const std::function<std::unique_ptr<const Phase>(Value output)>& make);

  /// Names a value for those who watch. Costs nothing when nobody does.
  void probe(const std::string& name, Value value);
  /// Whether somebody watches that name: for values that are only computed to be shown (attention maps).
  bool keeps(const std::string& name) const { return options_.keep(name); }

  /// Names a result of the program.
  void output(const std::string& name, Value value);

  /// Plans the memory and hands the program over.
  Program finish() &&;

 private:
  struct Lifetime {
    std::uint32_t first;
    std::uint32_t last;
    bool kept = false;
  };

  Value make_value(std::uint32_t width, RowSet rows, std::size_t bytes_per_row);
  Value quantized(Value input);
  void append_row_body(RowSet rows, RowBody body);
  void use(Value value);
  std::uint32_t current_phase() const;
  void close_phase();
  void plan_memory();

  struct OpenRows;
  struct OpenLinear;

  RecorderOptions options_;
  Program program_;
  std::vector<Lifetime> lifetimes_;                     // by Value::id
  std::vector<std::pair<std::uint32_t, Value>> quantized_;  // the quantized twin of a value
  std::shared_ptr<OpenRows> open_rows_;                 // the phase that may still grow, at most one of the two
  std::shared_ptr<OpenLinear> open_linear_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/recorder-inl.hpp"
#endif
