#pragma once

#include <bit>
#include <cstring>
#include <string>

#include "eigenformer/core/math.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/kernels/known_answer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

namespace known_answer_detail {

/// Values that are the same everywhere: a linear congruence (D. Knuth's MMIX), its upper bits as an exact fraction.
class Values {
 public:
  float next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<float>(static_cast<std::int32_t>(state_ >> 40U) - 0x800000) * 0x1p-22F;  // -2 .. 2, 24 bits
  }
  void fill(float* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) values[i] = next();
  }

 private:
  std::uint64_t state_ = 20240229;
};

/// FNV-1a over words (http://www.isthe.com/chongo/tech/comp/fnv/).
class Hash {
 public:
  void add(const float* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add_word(std::bit_cast<std::uint32_t>(values[i]));
  }
  void add(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    add_word(static_cast<std::uint32_t>(bits));
    add_word(static_cast<std::uint32_t>(bits >> 32U));
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_word(std::uint32_t word) { value_ = (value_ ^ word) * 1099511628211U; }
  std::uint64_t value_ = 14695981039346656037U;
};

/// Two rows by one panel with k = 0 .. 36, f32 weights.
inline std::uint64_t float_product_hash(const KernelTable& table) {
  Values values;
  float input[2 * 37];
  float weights[37 * 16];
  float output[2 * 16];
  values.fill(input, 2 * 37);
  values.fill(weights, 37 * 16);
  table.float_product(
      {quant::PanelKind::f32, reinterpret_cast<const std::byte*>(weights), 1, 37, input, 37, 2, output, 16});
  Hash hash;
  hash.add(output, 32);
  return hash.value();
}

/// Two rows by one panel of 64 4-bit codes with minimum: quantized, and decoded exactly.
inline std::uint64_t block_product_hash(const KernelTable& table) {
  Values values;
  constexpr std::size_t k_bytes = 2 * quant::superblock_bytes(quant::PanelKind::q4_minimum);
  alignas(4) std::byte panel[k_bytes];
  for (std::size_t i = 0; i < k_bytes; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(values.next());
    panel[i] = static_cast<std::byte>(bits >> 8U);
    // The upper bytes of scales and minimums: halves of 2^-8 to 2^-5 of both signs.
    if (i % (k_bytes / 2) < 64 && i % 2 == 1) panel[i] = static_cast<std::byte>((bits >> 8U & 0x87U) | 0x1CU);
  }
  float input[2 * 64];
  values.fill(input, 2 * 64);
  std::int8_t codes[2 * 64];
  float scales[4], scaled_sums[4];
  std::int32_t sums[4];
  const QuantizedRows rows = {codes, scales, scaled_sums, sums, 64};
  table.quantize_rows(input, 64, 64, 2, rows);
  float output[4 * 16];
  table.block_product({quant::PanelKind::q4_minimum, panel, 1, rows, 2, output, 16});
  table.float_product({quant::PanelKind::q4_minimum, panel, 1, 64, input, 64, 2, output + 32, 16});
  Hash hash;
  hash.add(output, 64);
  return hash.value();
}

/// Norms, activations, softmax and rotation of a row of 21.
inline std::uint64_t rows_hash(const KernelTable& table) {
  constexpr std::size_t k_size = 21;
  Values values;
  float row[k_size], weight[k_size], bias[k_size], output[k_size];
  values.fill(row, k_size);
  values.fill(weight, k_size);
  values.fill(bias, k_size);
  Hash hash;
  table.rms_norm({row, weight, output, k_size, 1e-5F});
  hash.add(output, k_size);
  table.layer_norm({row, weight, bias, output, k_size, 1e-5F});
  hash.add(output, k_size);
  for (const Activation kind : {Activation::relu, Activation::silu, Activation::gelu, Activation::gelu_tanh,
                                Activation::tanh, Activation::sigmoid}) {
    for (std::size_t i = 0; i < k_size; ++i) output[i] = row[i] * 3.0F;
    table.activate_gated(kind, output, weight, k_size);
    hash.add(output, k_size);
  }
  table.softmax(output, k_size);
  table.rotate({output, weight, bias, 20});
  hash.add(output, k_size);
  return hash.value();
}

/// A query over 33 slots of a cache, with bias, without and with softcap.
inline void add_attention(const KernelTable& table, CacheType type, Hash& hash) {
  constexpr std::size_t k_head_dim = 9;
  constexpr std::size_t k_slots = 33;
  Values values;
  alignas(4) std::byte keys[2][cache_tile_bytes(CacheType::f32, k_head_dim)];
  alignas(4) std::byte cached[2][cache_tile_bytes(CacheType::f32, k_head_dim)];
  float key[k_head_dim], value[k_head_dim], bias[k_slots];
  for (std::size_t slot = 0; slot < k_slots; ++slot) {
    values.fill(key, k_head_dim);
    values.fill(value, k_head_dim);
    bias[slot] = values.next();
    table.store_in_cache({type, key, value, keys[slot / 32], cached[slot / 32], slot % 32, k_head_dim});
  }
  // What lies in unseen slots is never looked at.
  const std::byte* const key_tiles[] = {keys[0], keys[1]};
  const std::byte* const value_tiles[] = {cached[0], cached[1]};
  float output[k_head_dim], scratch[attention_scratch_floats(k_head_dim)];
  const AttentionQuery query = {key, output, 2, k_slots, nullptr, bias};
  for (const float softcap : {0.0F, 6.0F}) {
    table.attend({type, key_tiles, value_tiles, k_head_dim, &query, 1, 0.7F, softcap, scratch});
    hash.add(output, k_head_dim);
  }
}

inline std::uint64_t attention_hash(const KernelTable& table) {
  Hash hash;
  for (const CacheType type : {CacheType::f16, CacheType::int8}) add_attention(table, type, hash);
  return hash.value();
}

inline std::uint64_t double_precision_hash() {
  Hash hash;
  for (int i = 1; i <= 4; ++i) {
    hash.add(sine(1234.5 * i));
    hash.add(cosine(0.37 * i));
    hash.add(exponential(-2.1 * i));
    hash.add(logarithm(12.7 * i));
    hash.add(power(10000.0, 0.171 * i));
  }
  return hash.value();
}

struct Answers {
  std::uint64_t float_product, block_product, rows, attention, double_precision;
};

inline constexpr Answers k_recorded = {0x7489C03E615CC039U, 0x7635AF54E279D84AU, 0x7F97BDF0FBF77F29U,
                                       0x72AF7C833C4D9725U, 0x53D5C5EEB4646836U};

inline Answers answers_of(const KernelTable& table) {
  const FloatingPointGuard guard;
  return {float_product_hash(table), block_product_hash(table), rows_hash(table), attention_hash(table),
          double_precision_hash()};
}

}  // namespace known_answer_detail

EIGENFORMER_INLINE void check_known_answers(const KernelTable& table) {
  using namespace known_answer_detail;
  const Answers found = answers_of(table);
  std::string changed;
  const auto compare = [&changed](const char* name, std::uint64_t value, std::uint64_t recorded) {
    if (value != recorded) changed += (changed.empty() ? "" : ", ") + std::string(name);
  };
  compare("the f32 product", found.float_product, k_recorded.float_product);
  compare("the block product", found.block_product, k_recorded.block_product);
  compare("norms and activations", found.rows, k_recorded.rows);
  compare("attention", found.attention, k_recorded.attention);
  compare("double precision", found.double_precision, k_recorded.double_precision);
  if (changed.empty()) return;
  throw NumericError(
      {.id = "numeric.build_changed_arithmetic",
       .expected = "the arithmetic that every build of eigenformer has",
       .found = "other results in " + changed,
       .where = std::string("kernels ") + table.name,
       .remedy = "build every file that includes eigenformer with -ffp-contract=off (on MSVC with /fp:precise), "
                 "as the CMake targets do"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
