#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

EIGENFORMER_INLINE Recorder::Recorder(RecorderOptions options) : options_(std::move(options)) {}

EIGENFORMER_INLINE Value Recorder::make_value(std::uint32_t width, RowSet rows, std::size_t bytes_per_row) {
  const Value value{static_cast<std::uint32_t>(lifetimes_.size()), width, rows};
  program_.places.push_back({0, round_up(bytes_per_row, k_cache_line), rows});
  lifetimes_.push_back({current_phase(), current_phase()});
  return value;
}

EIGENFORMER_INLINE void Recorder::use(Value value) {
  Lifetime& lifetime = lifetimes_[value.id];
  if (lifetime.consumed) {
    throw UsageError({.id = "usage.recorded_value_consumed",
                      .expected = "a value that still exists",
                      .found = "one that a sum took the place of",
                      .where = "recording a forward pass",
                      .remedy = "read it before add(), or probe it"});
  }
  lifetime.last = current_phase();
}

EIGENFORMER_INLINE void Recorder::close_phase() {
  if (open_rows_) program_.phases.push_back(std::move(open_rows_));
  if (open_linear_) program_.phases.push_back(std::move(open_linear_));
  open_rows_ = nullptr;
  open_linear_ = nullptr;
}

EIGENFORMER_INLINE Value Recorder::rows(RowSet rows, const std::vector<Value>& inputs, std::uint32_t width,
                                        const std::function<RowBody(Value output)>& make) {
  open_row_phase(rows);
  for (const Value& input : inputs) use(input);
  const Value output = make_value(width, rows, Step::stride({0, width, rows}) * sizeof(float));
  open_rows_->append(make(output), width);
  return output;
}

EIGENFORMER_INLINE void Recorder::each_row(RowSet rows, const std::vector<Value>& inputs, RowBody body) {
  open_row_phase(rows);
  std::size_t width = 0;
  for (const Value& input : inputs) {
    use(input);
    width += input.width;
  }
  open_rows_->append(std::move(body), width);
}

EIGENFORMER_INLINE void Recorder::open_row_phase(RowSet rows) {
  if (open_rows_ && open_rows_->row_set() == rows) return;
  close_phase();
  open_rows_ = std::make_unique<RowPhase>(rows);
}

EIGENFORMER_INLINE Value Recorder::quantized(Value input) {
  if (const auto known = quantized_.find(input.id); known != quantized_.end()) return known->second;
  open_row_phase(input.rows);
  use(input);
  const Value twin = make_value(input.width, input.rows, Step::quantized_bytes_per_row(input.width));
  open_rows_->append(
      [input, twin](const Step& step, std::size_t row) {
        step.kernels().quantize_rows(step.row(input, row), Step::stride(input), input.width, 1,
                                     step.quantized(twin, row));
      },
      input.width);
  quantized_[input.id] = twin;
  return twin;
}

EIGENFORMER_INLINE Value Recorder::linear(Value input, const LinearWeights& weights) {
  if (weights.matrix->inner() != input.width) {
    throw ShapeError({.id = "shape.linear_input",
                      .expected = "an input of width " + std::to_string(weights.matrix->inner()),
                      .found = "width " + std::to_string(input.width),
                      .where = "recording a forward pass",
                      .remedy = "check the sizes in the config against the weights"});
  }
  const bool is_quantized = quant::is_block_kind(weights.matrix->kind()) && !options_.exact;
  const Value operand = is_quantized ? quantized(input) : input;
  if (!open_linear_ || open_linear_->operand().id != operand.id) {
    close_phase();
    open_linear_ = std::make_unique<LinearPhase>(operand, is_quantized);
  }
  use(operand);
  const auto width = static_cast<std::uint32_t>(weights.matrix->outputs());
  const Value output = make_value(width, input.rows, Step::stride({0, width, input.rows}) * sizeof(float));
  open_linear_->parts().push_back({weights, output, std::nullopt});
  return output;
}

EIGENFORMER_INLINE Value Recorder::add(Value left, Value right) {
  if (left.width != right.width || left.rows != right.rows) {
    throw ShapeError({.id = "shape.sum",
                      .expected = "two values of width " + std::to_string(left.width) + " over the same rows",
                      .found = "width " + std::to_string(right.width),
                      .where = "recording a forward pass",
                      .remedy = "check the residual wiring of the architecture"});
  }
  if (const std::optional<Value> sum = fused_sum(left, right)) return *sum;
  if (const std::optional<Value> sum = fused_sum(right, left)) return *sum;
  return rows(left.rows, {left, right}, left.width, [left, right](Value sum) -> RowBody {
    return [left, right, sum](const Step& step, std::size_t row) {
      step.kernels().add(step.row(left, row), step.row(right, row), step.row(sum, row), sum.width);
    };
  });
}

EIGENFORMER_INLINE std::optional<Value> Recorder::fused_sum(Value term, Value product) {
  if (!open_linear_ || lifetimes_[product.id].kept) return std::nullopt;
  if (lifetimes_[term.id].first == current_phase()) return std::nullopt;  // computed by this very phase
  for (LinearPart& part : open_linear_->parts()) {
    if (part.output.id != product.id || part.residual) continue;
    use(term);
    lifetimes_[product.id].consumed = true;
    part.output = make_value(product.width, product.rows, program_.places[product.id].bytes_per_row);
    part.residual = term;
    return part.output;
  }
  return std::nullopt;
}

EIGENFORMER_INLINE Value Recorder::outputs_only(Value input) {
  if (input.rows == RowSet::outputs) return input;
  return rows(RowSet::outputs, {input}, input.width, [input](Value output) -> RowBody {
    return [input, output](const Step& step, std::size_t row) {
      const float* from = step.row(input, step.batch_row(RowSet::outputs, row));
      std::copy(from, from + input.width, step.row(output, row));
    };
  });
}

EIGENFORMER_INLINE Value Recorder::phase(const std::vector<Value>& inputs, std::uint32_t width,
                                         const std::function<std::unique_ptr<const Phase>(Value output)>& make) {
  close_phase();
  for (const Value& input : inputs) use(input);
  const RowSet rows = inputs.front().rows;
  const Value output = make_value(width, rows, Step::stride({0, width, rows}) * sizeof(float));
  program_.phases.push_back(make(output));
  return output;
}

EIGENFORMER_INLINE void Recorder::probe(const std::string& name, Value value) {
  if (!options_.keep(name)) return;
  use(value);
  lifetimes_[value.id].kept = true;
  program_.probes.push_back({name, value, lifetimes_[value.id].first});
}

EIGENFORMER_INLINE void Recorder::output(const std::string& name, Value value, OutputRows rows) {
  use(value);
  lifetimes_[value.id].kept = true;
  program_.outputs[name] = {value, rows};
}

EIGENFORMER_INLINE Program Recorder::finish() && {
  close_phase();
  for (const auto& [name, output] : program_.outputs) lifetimes_[output.value.id].last = current_phase();
  plan_memory();
  return std::move(program_);
}

EIGENFORMER_INLINE void Recorder::plan_memory() {
  // Values in the order in which they are made; each goes to the lowest place that no value alive at the same time has.
  for (std::size_t value = 0; value < lifetimes_.size(); ++value) {
    ValuePlace& place = program_.places[value];
    if (lifetimes_[value].consumed) continue;
    std::vector<const ValuePlace*> neighbours;
    for (std::size_t other = 0; other < value; ++other) {
      const bool at_the_same_time =
          lifetimes_[other].first <= lifetimes_[value].last && lifetimes_[value].first <= lifetimes_[other].last;
      if (!lifetimes_[other].consumed && at_the_same_time && program_.places[other].rows == place.rows) {
        neighbours.push_back(&program_.places[other]);
      }
    }
    std::sort(neighbours.begin(), neighbours.end(),
              [](const ValuePlace* a, const ValuePlace* b) { return a->offset_per_row < b->offset_per_row; });
    std::size_t offset = 0;
    for (const ValuePlace* neighbour : neighbours) {
      if (offset + place.bytes_per_row <= neighbour->offset_per_row) break;
      offset = std::max(offset, neighbour->offset_per_row + neighbour->bytes_per_row);
    }
    place.offset_per_row = offset;
    std::size_t& total = program_.bytes_per_row[static_cast<std::size_t>(place.rows)];
    total = std::max(total, offset + place.bytes_per_row);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
