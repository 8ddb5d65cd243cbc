// Attention problems of every shape, and their solution in double precision.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "eigenformer/ops/attention.hpp"
#include "tests/ops/reference.hpp"

namespace eigenformer::testing_ops {

struct ProblemSize {
  Eigen::Index heads = 1;
  Eigen::Index kv_heads = 1;
  Eigen::Index rows = 1;
  Eigen::Index slots = 1;
  Eigen::Index head_dim = 1;
};

/// Queries [rows, heads * head_dim], keys and values [slots, kv_heads * head_dim], as projections leave them.
struct AttentionProblem {
  ProblemSize size;
  std::vector<float> queries, keys, values;
  ops::AttentionOptions options;

  AttentionProblem(const ProblemSize& problem_size, std::uint32_t seed) : size(problem_size) {
    Numbers numbers(seed);
    queries = numbers.vector(static_cast<std::size_t>(size.rows * size.heads * size.head_dim), 2.0F);
    keys = numbers.vector(static_cast<std::size_t>(size.slots * size.kv_heads * size.head_dim), 2.0F);
    values = numbers.vector(keys.size(), 2.0F);
    options.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(size.head_dim)));
  }

  static ops::ConstHeadsView heads_of(const std::vector<float>& memory, Eigen::Index rows, Eigen::Index heads) {
    const Eigen::Index columns = rows == 0 ? 0 : static_cast<Eigen::Index>(memory.size()) / rows;
    return ops::split_heads(matrix_view(memory.data(), {rows, columns, columns}), heads);
  }
  ops::AttentionOperands operands() const {
    return {heads_of(queries, size.rows, size.heads), heads_of(keys, size.slots, size.kv_heads),
            heads_of(values, size.slots, size.kv_heads)};
  }

  /// [rows, heads * head_dim]
  std::vector<float> solve(const kernels::KernelTable& kernels) const {
    std::vector<float> output(queries.size(), std::numeric_limits<float>::quiet_NaN());
    const Eigen::Index columns = size.heads * size.head_dim;
    ops::scaled_dot_product_attention(
        kernels, operands(), options,
        ops::split_heads(matrix_view(output.data(), {size.rows, columns, columns}), size.heads));
    return output;
  }

  bool sees(Eigen::Index head, Eigen::Index row, Eigen::Index slot) const {
    if (options.mask && !(*options.mask)(row, slot)) return false;
    if (options.bias && std::isinf(bias(head, row, slot))) return false;
    if (options.sight == ops::Sight::everything) return true;
    const Eigen::Index own = options.first_query_slot + row;
    return slot <= own && (options.window == 0 || slot + options.window > own);
  }
  float bias(Eigen::Index head, Eigen::Index row, Eigen::Index slot) const {
    return options.bias ? options.bias->row(options.bias->heads == 1 ? 0 : head, row)[slot] : 0.0F;
  }

  /// Chances in double, [slots]; all zero for a row that sees nothing.
  std::vector<double> chances_in_double(Eigen::Index head, Eigen::Index row) const {
    const auto [q, k, v] = operands();
    const Eigen::Index kv_head = head / (size.heads / size.kv_heads);
    std::vector<double> scores(static_cast<std::size_t>(size.slots), -std::numeric_limits<double>::infinity());
    double maximum = -std::numeric_limits<double>::infinity();
    for (Eigen::Index slot = 0; slot < size.slots; ++slot) {
      if (!sees(head, row, slot)) continue;
      double dot = 0;
      for (Eigen::Index d = 0; d < size.head_dim; ++d) {
        dot += static_cast<double>(q.row(head, row)[d]) * k.row(kv_head, slot)[d];
      }
      double score = dot * static_cast<double>(options.scale);
      const auto cap = static_cast<double>(options.softcap);
      if (cap != 0) score = cap * std::tanh(score / cap);
      score += static_cast<double>(bias(head, row, slot));
      scores[static_cast<std::size_t>(slot)] = score;
      maximum = std::max(maximum, score);
    }
    double sum = 0;
    for (double& score : scores) sum += score = std::isinf(score) ? 0 : std::exp(score - maximum);
    for (double& score : scores) score = sum == 0 ? 0 : score / sum;
    return scores;
  }

  /// The solution in double, [rows, heads * head_dim].
  std::vector<double> solve_in_double() const {
    const auto [q, k, v] = operands();
    std::vector<double> output;
    for (Eigen::Index row = 0; row < size.rows; ++row) {
      for (Eigen::Index head = 0; head < size.heads; ++head) {
        const std::vector<double> chances = chances_in_double(head, row);
        const Eigen::Index kv_head = head / (size.heads / size.kv_heads);
        for (Eigen::Index d = 0; d < size.head_dim; ++d) {
          double sum = 0;
          for (Eigen::Index slot = 0; slot < size.slots; ++slot) {
            sum += chances[static_cast<std::size_t>(slot)] * v.row(kv_head, slot)[d];
          }
          output.push_back(sum);
        }
      }
    }
    return output;
  }
};

/// Sizes that are odd, grouped, shorter than a tile, exactly one, and longer.
inline const std::vector<ProblemSize>& problem_sizes() {
  static const std::vector<ProblemSize> sizes = {
      {.heads = 1, .kv_heads = 1, .rows = 1, .slots = 1, .head_dim = 1},
      {.heads = 2, .kv_heads = 2, .rows = 3, .slots = 5, .head_dim = 3},
      {.heads = 4, .kv_heads = 2, .rows = 2, .slots = 31, .head_dim = 8},
      {.heads = 3, .kv_heads = 1, .rows = 7, .slots = 32, .head_dim = 17},
      {.heads = 6, .kv_heads = 3, .rows = 5, .slots = 33, .head_dim = 16},
      {.heads = 2, .kv_heads = 1, .rows = 64, .slots = 64, .head_dim = 20},
      {.heads = 9, .kv_heads = 3, .rows = 4, .slots = 100, .head_dim = 64},
      {.heads = 1, .kv_heads = 1, .rows = 97, .slots = 97, .head_dim = 33},
  };
  return sizes;
}

}  // namespace eigenformer::testing_ops
