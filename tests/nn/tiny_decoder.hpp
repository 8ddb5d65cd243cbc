// Two layers of attention over the cache with plain sums between: small enough to be run thousands of times, long
// enough to have phases of many tasks and of one.
#pragma once

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "eigenformer/kernels/select.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"
#include "eigenformer/nn/session.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::testing_nn {

class TinyDecoder {
 public:
  static constexpr std::size_t k_hidden = 20;
  static constexpr std::size_t k_layers = 2;

  explicit TinyDecoder(nn::Visibility visibility = nn::Visibility::causal) {
    for (std::size_t layer = 0; layer < k_layers; ++layer) {
      layers_.push_back(
          {.attention = {.q_proj = linear(24, k_hidden),
                         .k_proj = linear(12, k_hidden),
                         .v_proj = linear(12, k_hidden),
                         .o_proj = linear(k_hidden, 24),
                         .options = {.heads = 4,
                                     .kv_heads = 2,
                                     .head_dim = 6,
                                     .scale = 0.4F,
                                     .visibility = visibility,
                                     .layer = layer,
                                     .cache_layer = layer}},
           .feed_forward = {
               .up = linear(33, k_hidden), .down = linear(k_hidden, 33), .activation = nn::Activation::gelu}});
    }
  }

  static nn::CacheLayout layout(nn::CacheType type = nn::CacheType::f32) {
    return {.layers = k_layers, .kv_heads = 2, .head_dim = 6, .type = type};
  }

  /// Probes: "hidden.0", "sum.0", "hidden.1", "sum.1"; output: "y".
  nn::Program record(std::function<bool(std::string_view)> keep = [](std::string_view) { return false; }) const {
    nn::Recorder r({.keep = std::move(keep)});
    nn::Value x = r.rows(nn::RowSet::all, {}, k_hidden, [](nn::Value output) -> nn::RowBody {
      return [output](const nn::Step& step, std::size_t row) {
        std::copy_n(step.batch().rows[row].vector, output.width, step.row(output, row));
      };
    });
    for (std::size_t layer = 0; layer < k_layers; ++layer) {
      r.probe("hidden." + std::to_string(layer), x);
      const nn::Value attended = layers_[layer].attention(r, x);  // [rows, hidden]
      x = r.add(x, attended);                                     // [rows, hidden]
      r.probe("sum." + std::to_string(layer), x);
      const nn::Value fed = layers_[layer].feed_forward(r, x);   // [rows, hidden]
      x = nn::activate(r, nn::Activation::tanh, r.add(x, fed));  // [rows, hidden]
    }
    r.output("y", r.outputs_only(x));  // [outputs, hidden]
    return std::move(r).finish();
  }

 private:
  struct Layer {
    nn::MultiHeadAttention attention;
    nn::FeedForward feed_forward;
  };

  nn::Linear linear(std::size_t outputs, std::size_t inner) {
    std::vector<float> weight(outputs * inner);
    std::vector<float> bias(outputs);
    for (float& value : weight) value = number();
    for (float& value : bias) value = number();
    return {quant::pack(std::as_bytes(std::span(weight)), DataType::f32, outputs, inner), bias};
  }
  float number() { return static_cast<float>(engine_() % 2001) * 4e-4F - 0.4F; }

  std::mt19937 engine_{7};
  std::vector<Layer> layers_;
};

inline constexpr std::size_t k_hidden = TinyDecoder::k_hidden;

/// A sequence's input vectors: [length][hidden].
inline std::vector<float> sequence_vectors(std::uint32_t seed, std::size_t length) {
  std::mt19937 engine(seed);
  std::vector<float> vectors(length * TinyDecoder::k_hidden);
  for (float& value : vectors) value = static_cast<float>(engine() % 4001) * 1e-3F - 2.0F;
  return vectors;
}

/// Rows `first` .. `end` - 1 of a sequence. They point to the vectors.
inline void append_rows(std::vector<nn::Row>& rows, std::uint32_t sequence, const std::vector<float>& vectors,
                        std::size_t first, std::size_t end) {
  for (std::size_t slot = first; slot < end; ++slot) {
    nn::Row& row = rows.emplace_back();
    row.vector = vectors.data() + slot * TinyDecoder::k_hidden;
    row.sequence = sequence;
    row.slot = static_cast<std::uint32_t>(slot);
    row.position = static_cast<std::int32_t>(slot);
  }
}
void append_rows(std::vector<nn::Row>&, std::uint32_t, std::vector<float>&&, std::size_t, std::size_t) = delete;

inline std::vector<float> copy_of(const ConstMatrixView& view) {
  std::vector<float> values;
  for (Eigen::Index row = 0; row < view.rows(); ++row) {
    values.insert(values.end(), row_of(view, row), row_of(view, row) + view.cols());
  }
  return values;
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

inline const kernels::KernelTable& best_kernels() {
  return kernels::kernel_table(kernels::available_instruction_sets().back());
}

}  // namespace eigenformer::testing_nn
