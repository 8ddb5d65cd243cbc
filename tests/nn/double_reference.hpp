// The blocks of nn/ once more, in double precision and without any cleverness: one sequence, whole, row by row.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include "eigenformer/nn/cross_attention.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/norm.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::testing_nn {

using DoubleRows = std::vector<std::vector<double>>;  // [rows][width]

/// A block's weights, as floats for the block and for the reference.
class Weights {
 public:
  explicit Weights(std::uint32_t seed) : engine_(seed) {}
  std::vector<float> vector(std::size_t size, float magnitude = 0.4F) {
    std::vector<float> values(size);
    for (float& value : values) value = magnitude * (static_cast<float>(engine_() % 2001) * 1e-3F - 1.0F);
    return values;
  }

 private:
  std::mt19937 engine_;
};

struct LinearReference {
  std::size_t outputs, inner;
  std::vector<float> weight, bias;

  LinearReference(Weights& weights, std::size_t output_count, std::size_t inner_count)
      : outputs(output_count),
        inner(inner_count),
        weight(weights.vector(outputs * inner)),
        bias(weights.vector(outputs)) {}

  nn::Linear layer() const {
    return {quant::pack(std::as_bytes(std::span(weight)), DataType::f32, outputs, inner), bias};
  }
  DoubleRows operator()(const DoubleRows& x) const {
    DoubleRows y;
    for (const auto& row : x) {
      auto& out = y.emplace_back(bias.begin(), bias.end());
      for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t k = 0; k < inner; ++k) out[o] += row[k] * weight[o * inner + k];
      }
    }
    return y;
  }
};

struct LayerNormReference {
  using Block = nn::LayerNorm;
  nn::LayerNormWeights weights;

  LayerNormReference(Weights& source, std::size_t size) : weights{source.vector(size, 2.0F), source.vector(size)} {}
  Block block() const { return {weights, 1e-5F}; }
  DoubleRows operator()(DoubleRows x) const {
    for (auto& row : x) {
      const auto size = static_cast<double>(row.size());
      double mean = 0;
      double variance = 0;
      for (const double value : row) mean += value / size;
      for (const double value : row) variance += (value - mean) * (value - mean) / size;
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = (row[i] - mean) / std::sqrt(variance + 1e-5) * weights.weight[i] + weights.bias[i];
      }
    }
    return x;
  }
};

struct RmsNormReference {
  using Block = nn::RmsNorm;
  std::vector<float> weight;

  RmsNormReference(Weights& source, std::size_t size) : weight(source.vector(size, 2.0F)) {}
  Block block() const { return {weight, 1e-5F}; }
  DoubleRows operator()(DoubleRows x) const {
    for (auto& row : x) {
      double squares = 0;
      for (const double value : row) squares += value * value / static_cast<double>(row.size());
      for (std::size_t i = 0; i < row.size(); ++i) row[i] *= weight[i] / std::sqrt(squares + 1e-5);
    }
    return x;
  }
};

struct FeedForwardReference {
  using Block = nn::FeedForward;
  LinearReference up, down;

  FeedForwardReference(Weights& source, std::size_t size) : up(source, 17, size), down(source, size, 17) {}
  Block block() const { return {.up = up.layer(), .down = down.layer(), .activation = nn::Activation::gelu}; }
  DoubleRows operator()(const DoubleRows& x) const {
    DoubleRows inner = up(x);
    for (auto& row : inner) {
      for (double& value : row) value = value / 2 * (1 + std::erf(value / std::sqrt(2.0)));
    }
    return down(inner);
  }
};

struct GatedFeedForwardReference {
  using Block = nn::GatedFeedForward;
  LinearReference gate, up, down;

  GatedFeedForwardReference(Weights& source, std::size_t size)
      : gate(source, 17, size), up(source, 17, size), down(source, size, 17) {}
  Block block() const { return {.gate = gate.layer(), .up = up.layer(), .down = down.layer()}; }
  DoubleRows operator()(const DoubleRows& x) const {
    DoubleRows inner = gate(x);
    const DoubleRows other = up(x);
    for (std::size_t row = 0; row < inner.size(); ++row) {
      for (std::size_t i = 0; i < inner[row].size(); ++i)
        inner[row][i] *= other[row][i] / (1 + std::exp(-inner[row][i]));
    }
    return down(inner);
  }
};

/// Multi-head attention and cross-attention: keys of `source` rows.
struct AttentionReference {
  LinearReference q_proj, k_proj, v_proj, o_proj;
  nn::AttentionOptions options;
  std::optional<RmsNormReference> q_norm = {}, k_norm = {};  ///< of each head

  AttentionReference(Weights& source, std::size_t size, std::size_t source_size, const nn::AttentionOptions& shape)
      : q_proj(source, shape.heads * shape.head_dim, size),
        k_proj(source, shape.kv_heads * shape.head_dim, source_size),
        v_proj(source, shape.kv_heads * shape.head_dim, source_size),
        o_proj(source, size, shape.heads * shape.head_dim),
        options(shape) {}

  nn::MultiHeadAttention block() const {
    nn::MultiHeadAttention block{q_proj.layer(), k_proj.layer(), v_proj.layer(), o_proj.layer(), options};
    if (q_norm) block.q_norm = q_norm->block();
    if (k_norm) block.k_norm = k_norm->block();
    return block;
  }
  nn::CrossAttention cross_block() const {
    return {q_proj.layer(), k_proj.layer(), v_proj.layer(), o_proj.layer(), options};
  }

  bool sees(std::size_t row, std::size_t slot) const {
    if (options.visibility != nn::Visibility::causal) return true;
    return slot <= row && (options.window == 0 || slot + options.window > row);
  }

  /// Each head by itself, as a row of its own.
  DoubleRows normed(DoubleRows heads, const std::optional<RmsNormReference>& norm) const {
    if (!norm) return heads;
    for (auto& row : heads) {
      for (auto head = row.begin(); head != row.end(); head += static_cast<std::ptrdiff_t>(options.head_dim)) {
        const std::vector<double> values(head, head + static_cast<std::ptrdiff_t>(options.head_dim));
        const DoubleRows one = (*norm)(DoubleRows{values});
        std::copy(one[0].begin(), one[0].end(), head);
      }
    }
    return heads;
  }

  /// Pairs (i, i + half) of each head turn by position * theta^(-i / half); rotary_theta 0: no rotation.
  DoubleRows rotated(DoubleRows heads, double rotary_theta) const {
    if (rotary_theta == 0) return heads;
    const std::size_t half = options.head_dim / 2;
    for (std::size_t row = 0; row < heads.size(); ++row) {
      for (std::size_t first = 0; first < heads[row].size(); first += options.head_dim) {
        for (std::size_t i = 0; i < half; ++i) {
          const double angle =
              static_cast<double>(row) * std::pow(rotary_theta, -static_cast<double>(i) / static_cast<double>(half));
          double& low = heads[row][first + i];
          double& high = heads[row][first + half + i];
          const double turned = low * std::cos(angle) - high * std::sin(angle);
          high = high * std::cos(angle) + low * std::sin(angle);
          low = turned;
        }
      }
    }
    return heads;
  }

  /// [heads][rows][slots]
  std::vector<DoubleRows> chances(const DoubleRows& queries, const DoubleRows& keys) const {
    std::vector<DoubleRows> all(options.heads);
    for (std::size_t head = 0; head < options.heads; ++head) {
      const std::size_t q_first = head * options.head_dim;
      const std::size_t k_first = head / (options.heads / options.kv_heads) * options.head_dim;
      for (std::size_t row = 0; row < queries.size(); ++row) {
        auto& out = all[head].emplace_back(keys.size(), 0.0);
        double sum = 0;
        for (std::size_t slot = 0; slot < keys.size(); ++slot) {
          if (!sees(row, slot)) continue;
          double dot = 0;
          for (std::size_t d = 0; d < options.head_dim; ++d) dot += queries[row][q_first + d] * keys[slot][k_first + d];
          double score = dot * static_cast<double>(options.scale);
          const auto cap = static_cast<double>(options.softcap);
          if (cap != 0) score = cap * std::tanh(score / cap);
          sum += out[slot] = std::exp(score);
        }
        for (double& chance : out) chance /= sum;
      }
    }
    return all;
  }

  DoubleRows operator()(const DoubleRows& x, const DoubleRows& source, double rotary_theta = 0) const {
    const DoubleRows values = v_proj(source);
    const auto all = chances(rotated(normed(q_proj(x), q_norm), rotary_theta),
                             rotated(normed(k_proj(source), k_norm), rotary_theta));
    DoubleRows heads(x.size(), std::vector<double>(options.heads * options.head_dim, 0.0));
    for (std::size_t head = 0; head < options.heads; ++head) {
      const std::size_t v_first = head / (options.heads / options.kv_heads) * options.head_dim;
      for (std::size_t row = 0; row < x.size(); ++row) {
        for (std::size_t slot = 0; slot < source.size(); ++slot) {
          for (std::size_t d = 0; d < options.head_dim; ++d) {
            heads[row][head * options.head_dim + d] += all[head][row][slot] * values[slot][v_first + d];
          }
        }
      }
    }
    return o_proj(heads);
  }
};

inline DoubleRows sum_of(DoubleRows a, const DoubleRows& b) {
  for (std::size_t row = 0; row < a.size(); ++row) {
    for (std::size_t i = 0; i < a[row].size(); ++i) a[row][i] += b[row][i];
  }
  return a;
}

}  // namespace eigenformer::testing_nn
