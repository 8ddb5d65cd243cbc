// Random forward passes: recorded as a program, and evaluated naively, value by value, row by row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "eigenformer/kernels/select.hpp"
#include "eigenformer/nn/recorder.hpp"
#include "eigenformer/ops/linear.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::testing_nn {

using nn::Recorder;
using nn::RowBody;
using nn::RowSet;
using nn::Step;
using nn::Value;

enum class NodeKind : std::uint8_t { input, activation, gate, linear, sum, outputs_only, own_phase };

struct Node {
  NodeKind kind = NodeKind::input;
  std::uint32_t width = 0;
  RowSet rows = RowSet::all;
  std::vector<std::size_t> inputs = {};  // nodes
  std::size_t matrix = 0;                // of NodeKind::linear
  bool is_output = false;
};

/// A phase of its own, cut into one task a row: copies its input times two.
class DoublingPhase final : public nn::Phase {
 public:
  DoublingPhase(Value input, Value output) : input_(input), output_(output) {}
  std::uint32_t tasks(const Step& step) const noexcept override {
    return static_cast<std::uint32_t>(step.row_count(input_.rows));
  }
  std::size_t scratch_bytes(const Step&) const noexcept override { return input_.width * sizeof(float); }
  void run(const Step& step, std::uint32_t task, std::byte* scratch) const noexcept override {
    auto* floats = reinterpret_cast<float*>(scratch);
    const float* from = step.row(input_, task);
    std::copy(from, from + input_.width, floats);
    step.kernels().add(floats, floats, step.row(output_, task), input_.width);
  }

 private:
  Value input_, output_;
};

/// A random graph with its weights. Nodes stand in order of computation.
class RandomGraph {
 public:
  explicit RandomGraph(std::uint32_t seed) : engine_(seed) {
    const std::uint32_t hidden = pick_width();
    nodes_.push_back({NodeKind::input, hidden});
    const std::size_t count = 5 + below(25);
    while (nodes_.size() < count) add_node();
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      nodes_[node].is_output = node + 1 == nodes_.size() || below(6) == 0;
    }
  }

  const std::vector<Node>& nodes() const { return nodes_; }
  std::uint32_t input_width() const { return nodes_[0].width; }
  static std::string name(std::size_t node) { return "node." + std::to_string(node); }

  /// What an architecture's author would write. A node's probe is placed right behind it.
  void record(Recorder& recorder) const {
    std::vector<Value> values;
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
      values.push_back(record_node(recorder, nodes_[index], values));
      recorder.probe(name(index), values.back());
      if (nodes_[index].is_output) recorder.output(name(index), values.back());
    }
  }

  /// Every node's value: [rows of its set][width], each row on its own.
  std::vector<std::vector<float>> evaluate(const kernels::KernelTable& kernels, const nn::Batch& batch,
                                           bool exact) const {
    std::vector<std::vector<float>> values;
    for (const Node& node : nodes_) values.push_back(evaluate_node(kernels, batch, node, values, exact));
    return values;
  }

 private:
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(engine_() % count); }
  std::uint32_t pick_width() {
    static constexpr std::uint32_t k_widths[] = {5, 16, 31, 48, 64};
    return k_widths[below(5)];
  }
  std::size_t pick() {
    for (;;) {
      const std::size_t node =
          nodes_.size() - 1 - below(static_cast<std::uint32_t>(std::min<std::size_t>(6, nodes_.size())));
      if (!gone_.contains(node)) return node;
    }
  }

  void add_node() {
    const std::size_t first = pick();
    const std::uint32_t width = nodes_[first].width;
    const RowSet rows = nodes_[first].rows;
    switch (below(8)) {
      case 0: nodes_.push_back({NodeKind::activation, width, rows, {first}}); return;
      case 1: nodes_.push_back({NodeKind::own_phase, width, rows, {first}}); return;
      case 2:
        if (below(3) == 0) nodes_.push_back({NodeKind::outputs_only, width, RowSet::outputs, {first}});
        return;
      case 3: add_pair(NodeKind::gate, first); return;
      case 4:
      case 5: add_pair(NodeKind::sum, first); return;
      default: add_linear(first, rows);
    }
  }
  void add_linear(std::size_t input, RowSet rows) {
    // A product of its input's width can be summed with it.
    const std::uint32_t outputs = below(2) == 0 ? nodes_[input].width : pick_width();
    const std::uint32_t inner = nodes_[input].width;
    nodes_.push_back({NodeKind::linear, outputs, rows, {input}, matrices_.size()});
    matrices_.push_back(make_matrix(outputs, inner));
    std::vector<float> bias;
    if (below(2) == 0) bias = numbers(outputs);
    biases_.push_back(std::move(bias));
  }
  void add_pair(NodeKind kind, std::size_t first) {
    for (std::size_t second = nodes_.size(); second-- > 0;) {
      const bool fits = nodes_[second].width == nodes_[first].width && nodes_[second].rows == nodes_[first].rows;
      if (second == first || !fits || gone_.contains(second)) continue;
      nodes_.push_back({kind, nodes_[first].width, nodes_[first].rows, {first, second}});
      if (kind == NodeKind::sum) {  // a sum may take the place of a product: nothing may read that any more
        for (const std::size_t term : {first, second}) {
          const bool is_sum_of_product = nodes_[term].kind == NodeKind::sum;
          if (nodes_[term].kind == NodeKind::linear || is_sum_of_product) gone_.insert(term);
        }
      }
      return;
    }
  }

  std::vector<float> numbers(std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(below(2001)) * 1e-3F - 1.0F;
    return values;
  }
  /// f32, or Q8_0 where the size allows it.
  quant::PackedMatrix make_matrix(std::uint32_t outputs, std::uint32_t inner) {
    const std::vector<float> plain = numbers(std::size_t{outputs} * inner);
    if (inner % 32 != 0 || below(2) == 0) {
      return quant::pack(std::as_bytes(std::span(plain)), DataType::f32, outputs, inner);
    }
    std::vector<std::byte> blocks(plain.size() / 32 * block_bytes(DataType::q8_0));
    for (std::size_t block = 0; block < plain.size() / 32; ++block) {
      std::byte* bytes = blocks.data() + block * block_bytes(DataType::q8_0);
      bytes[0] = std::byte{0};
      bytes[1] = std::byte{0x20};  // the half 2^-7
      for (std::size_t i = 0; i < 32; ++i) bytes[2 + i] = static_cast<std::byte>(below(256));
    }
    return quant::pack(blocks, DataType::q8_0, outputs, inner);
  }

  Value record_node(Recorder& recorder, const Node& node, const std::vector<Value>& values) const {
    const auto input = [&](std::size_t index) { return values[node.inputs[index]]; };
    switch (node.kind) {
      case NodeKind::input:
        return recorder.rows(RowSet::all, {}, node.width, [](Value output) -> RowBody {
          return [output](const Step& step, std::size_t row) {
            const float* from = step.batch().rows[row].vector;
            std::copy(from, from + output.width, step.row(output, row));
          };
        });
      case NodeKind::activation:
        return recorder.rows(node.rows, {input(0)}, node.width, [x = input(0)](Value output) -> RowBody {
          return [x, output](const Step& step, std::size_t row) {
            activate(step.kernels(), step.row(x, row), step.row(output, row), x.width);
          };
        });
      case NodeKind::gate:
        return recorder.rows(
            node.rows, {input(0), input(1)}, node.width, [x = input(0), y = input(1)](Value output) -> RowBody {
              return [x, y, output](const Step& step, std::size_t row) {
                gate(step.kernels(), {step.row(x, row), step.row(y, row)}, step.row(output, row), x.width);
              };
            });
      case NodeKind::linear: {
        const float* bias = biases_[node.matrix].empty() ? nullptr : biases_[node.matrix].data();
        return recorder.linear(input(0), {&matrices_[node.matrix], bias});
      }
      case NodeKind::sum: return recorder.add(input(0), input(1));
      case NodeKind::outputs_only: return recorder.outputs_only(input(0));
      case NodeKind::own_phase:
        return recorder.phase({input(0)}, node.width, [x = input(0)](Value output) {
          return std::make_unique<const DoublingPhase>(x, output);
        });
    }
    return {};
  }

  std::vector<float> evaluate_node(const kernels::KernelTable& kernels, const nn::Batch& batch, const Node& node,
                                   const std::vector<std::vector<float>>& values, bool exact) const {
    std::vector<float> result;
    std::size_t set_row = 0;  // among the rows whose output is wanted
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
      if (node.rows == RowSet::outputs && !batch.rows[row].wants_output) continue;
      const std::size_t own = node.rows == RowSet::all ? row : set_row++;
      const auto input = [&](std::size_t index) {
        const Node& other = nodes_[node.inputs[index]];
        return values[node.inputs[index]].data() + (other.rows == RowSet::all ? row : own) * other.width;
      };
      std::vector<float> out(node.width);
      switch (node.kind) {
        case NodeKind::input: std::copy_n(batch.rows[row].vector, node.width, out.data()); break;
        case NodeKind::activation: activate(kernels, input(0), out.data(), node.width); break;
        case NodeKind::gate: gate(kernels, {input(0), input(1)}, out.data(), node.width); break;
        case NodeKind::linear: out = product(kernels, node.matrix, input(0), exact); break;
        case NodeKind::sum: kernels.add(input(0), input(1), out.data(), node.width); break;
        case NodeKind::outputs_only: std::copy_n(input(0), node.width, out.data()); break;
        case NodeKind::own_phase: kernels.add(input(0), input(0), out.data(), node.width); break;
      }
      result.insert(result.end(), out.begin(), out.end());
    }
    return result;
  }

  std::vector<float> product(const kernels::KernelTable& kernels, std::size_t index, const float* input,
                             bool exact) const {
    const quant::PackedMatrix& matrix = matrices_[index];
    std::vector<float> out(round_up(matrix.outputs(), quant::k_panel_outputs));
    const ops::LinearTask task{.matrix = matrix,
                               .bias = biases_[index].empty() ? nullptr : biases_[index].data(),
                               .panel_count = matrix.panels(),
                               .rows = 1,
                               .output = out.data(),
                               .output_stride = out.size()};
    if (exact || !quant::is_block_kind(matrix.kind())) {
      ops::linear(kernels, task, ops::FloatRows{input, matrix.inner()});
    } else {
      const std::size_t blocks = matrix.inner() / 32;
      std::vector<std::int8_t> codes(matrix.inner());
      std::vector<float> scales(blocks);
      std::vector<float> scaled_sums(blocks);
      std::vector<std::int32_t> sums(blocks);
      const kernels::QuantizedRows rows{codes.data(), scales.data(), scaled_sums.data(), sums.data(), matrix.inner()};
      kernels.quantize_rows(input, matrix.inner(), matrix.inner(), 1, rows);
      ops::linear(kernels, task, rows);
    }
    out.resize(matrix.outputs());
    return out;
  }

  static void activate(const kernels::KernelTable& kernels, const float* from, float* to, std::size_t size) {
    std::copy(from, from + size, to);
    kernels.activate(kernels::Activation::tanh, to, size);
  }
  struct Pair {
    const float* gate;
    const float* up;
  };
  static void gate(const kernels::KernelTable& kernels, const Pair& pair, float* to, std::size_t size) {
    std::copy(pair.gate, pair.gate + size, to);
    kernels.activate_gated(kernels::Activation::tanh, to, pair.up, size);
  }

  std::mt19937 engine_;
  std::vector<Node> nodes_;
  std::set<std::size_t> gone_;  // nodes that nothing may read any more
  std::vector<quant::PackedMatrix> matrices_;
  std::vector<std::vector<float>> biases_;
};

/// Rows of three sequences with vectors of their own; about half of the outputs are wanted.
class RandomBatch {
 public:
  RandomBatch(std::uint32_t seed, std::uint32_t width, std::size_t row_count) {
    std::mt19937 engine(seed);
    vectors_.resize(row_count * width);
    for (float& value : vectors_) value = static_cast<float>(engine() % 4001) * 1e-3F - 2.0F;
    sequences_.resize(3);
    for (std::size_t row = 0; row < row_count; ++row) {
      nn::Row& made = rows_.emplace_back();
      made.vector = vectors_.data() + row * width;
      made.sequence = static_cast<std::uint32_t>(row * 3 / row_count);
      made.slot = static_cast<std::uint32_t>(row);
      made.wants_output = engine() % 2 == 0;
    }
  }
  nn::Batch batch() const { return {rows_, sequences_}; }
  std::vector<nn::Row>& rows() { return rows_; }

 private:
  std::vector<float> vectors_;
  std::vector<nn::Row> rows_;
  std::vector<nn::BatchSequence> sequences_;
};

}  // namespace eigenformer::testing_nn
