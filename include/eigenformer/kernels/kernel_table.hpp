// What a set of kernels offers: one table per instruction set, all with the same bits (docs/numerics.md).
//
// Kernels know raw memory and panel kinds, nothing of shapes, weights, models or threads. Every pointer may be
// misaligned to 4 bytes, sizes may be odd, nothing is allocated, nothing throws; sizes of zero do nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/kernels/cache_tile.hpp"
#include "eigenformer/quant/panel.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

/// y[r, o] = sum_k x[r, k] * w[o, k] with f32 activations (rule 1): one accumulator an output, from +0, k ascending,
/// fused. Block kinds are decoded exactly first (Compute::exact).
struct FloatProduct {
  quant::PanelKind kind;
  const std::byte* panels;  ///< `panel_count` panels, one after another
  std::size_t panel_count;
  std::size_t inner;   ///< k runs over 0 .. inner - 1
  const float* input;  ///< [rows][input_stride], the first `inner` of each row are read
  std::size_t input_stride;
  std::size_t rows;
  float* output;  ///< [rows][output_stride], 16 * panel_count floats of each row are written
  std::size_t output_stride;
};

/// Rows of activations in blocks of 32 (rule 2). `inner` is padded with zeros to a multiple of 32.
struct QuantizedRows {
  std::int8_t* codes;  ///< [rows][inner]
  float* scales;       ///< [rows][inner / 32]
  float* scaled_sums;  ///< [rows][inner / 32]: scale * float(sum of codes), one product
  std::int32_t* sums;  ///< [rows][inner / 32]: sum of codes
  std::size_t inner;
};

/// The same product for block kinds with quantized activations (rule 2): integer dots inside a block, then, block after
/// block, acc = fma(float(dot), scale_w * scale_x, acc) and, where the kind has a minimum, acc = fma(minimum,
/// scaled_sum, acc). q4_centered uses dot - 8 * sum, exact in integers.
struct BlockProduct {
  quant::PanelKind kind;
  const std::byte* panels;
  std::size_t panel_count;
  QuantizedRows input;
  std::size_t rows;
  float* output;
  std::size_t output_stride;
};

/// y = x / root mean square * weight: ss by rule 3, scale = 1 / sqrt(ss / n + epsilon), y = (x * scale) * weight.
/// https://arxiv.org/abs/1910.07467
struct RmsNorm {
  const float* input;
  const float* weight;  ///< [size]
  float* output;        ///< may be the input
  std::size_t size;
  float epsilon;
};

/// mean by rule 3, d = x - mean, variance = sum(d * d) / n by rule 3, y = fma(d * (1 / sqrt(variance + epsilon)),
/// weight, bias). https://arxiv.org/abs/1607.06450
struct LayerNorm {
  const float* input;
  const float* weight;
  const float* bias;
  float* output;
  std::size_t size;
  float epsilon;
};

enum class Activation : std::uint8_t {
  identity,
  relu,
  silu,       ///< x * sigmoid(x)
  gelu,       ///< x / 2 * (1 + erf(x / sqrt 2))
  gelu_tanh,  ///< x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))): GPT-2's gelu_new
  tanh,
  sigmoid,
};

/// Rotates pairs (x[i], x[i + size / 2]) of one head by the angles whose cosines and sines are given, each [size / 2]:
/// low' = fma(low, cos, -(high * sin)), high' = fma(high, cos, low * sin). Elements beyond `size` are not touched.
/// https://arxiv.org/abs/2104.09864, in the half-split layout of Hugging Face's rotate_half.
struct Rotation {
  float* head;
  const float* cosines;
  const float* sines;
  std::size_t size;
};

/// Writes one slot of one head: keys go to column `slot` of a [head_dim][32] tile, values to row `slot` of a
/// [32][head_dim] tile, rounded to the cache type (cache_tile.hpp).
struct CacheStore {
  CacheType type;
  const float* key;
  const float* value;
  std::byte* key_tile;
  std::byte* value_tile;
  std::size_t slot;  ///< 0 .. 31
  std::size_t head_dim;
};

/// One query row of one head, and what it may see.
struct AttentionQuery {
  const float* query;        ///< [head_dim]
  float* output;             ///< [head_dim], written
  std::uint32_t first_slot;  ///< visible are the slots first_slot .. end_slot - 1 ...
  std::uint32_t end_slot;
  const std::uint32_t* visible_slots;  ///< ... whose bit is set, one word a tile from tile 0 on; null: all of them
  const float* bias;                   ///< added to the scores, one float a slot from slot 0 on; null: none
};

/// softmax(scale * q k^T + bias) v for several queries over the same keys, tile by tile at absolute places (rule 4).
struct AttentionTask {
  CacheType type;
  const std::byte* const* key_tiles;    ///< tile t holds slots 32 t .. 32 t + 31, as [head_dim][32]
  const std::byte* const* value_tiles;  ///< as [32][head_dim]
  std::size_t head_dim;
  const AttentionQuery* queries;
  std::size_t query_count;
  float scale;
  float softcap;   ///< 0: none; else score = softcap * tanh(score / softcap) before the bias
  float* scratch;  ///< attention_scratch_floats(head_dim) floats
};

/// Scratch of one attention task: one key tile and one value tile in f32, and 24 queries.
constexpr std::size_t attention_scratch_floats(std::size_t head_dim) { return (2 * k_tile_slots + 24) * head_dim; }

/// sum_j exp(x_j) as exp(largest) * sum, so that nothing overflows.
struct ExponentialSum {
  float largest;  ///< of the values; minus infinity where there are none
  float sum;      ///< of exp(x_j - largest), by rule 3; 0 where all are minus infinity
};

/// The kernels of one instruction set.
struct KernelTable {
  const char* name;  ///< as instruction_set_name (select.hpp)
  void (*float_product)(const FloatProduct&) noexcept;
  void (*block_product)(const BlockProduct&) noexcept;
  /// Quantizes `row_count` rows of `size` floats, `stride` apart, into `rows` (its inner is size rounded up to 32).
  void (*quantize_rows)(const float* input, std::size_t stride, std::size_t size, std::size_t row_count,
                        const QuantizedRows& rows) noexcept;
  void (*rms_norm)(const RmsNorm&) noexcept;
  void (*layer_norm)(const LayerNorm&) noexcept;
  /// values[i] = activation(values[i]).
  void (*activate)(Activation, float* values, std::size_t size) noexcept;
  /// gate[i] = activation(gate[i]) * up[i].
  void (*activate_gated)(Activation, float* gate, const float* up, std::size_t size) noexcept;
  /// sum[i] = left[i] + right[i]; sum may be either.
  void (*add)(const float* left, const float* right, float* sum, std::size_t size) noexcept;
  /// values[i] = exp(values[i] - maximum) / sum, sum by rule 3.
  void (*softmax)(float* values, std::size_t size) noexcept;
  /// No value is infinite or not a number, but any may be minus infinity.
  ExponentialSum (*sum_exponentials)(const float* values, std::size_t size) noexcept;
  void (*rotate)(const Rotation&) noexcept;
  void (*store_in_cache)(const CacheStore&) noexcept;
  void (*attend)(const AttentionTask&) noexcept;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
