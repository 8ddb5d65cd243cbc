// How the keys and values of 32 slots of one head lie in the cache.
//
// A tile of keys is [head_dim][32], for scores have their lanes across slots; a tile of values is [32][head_dim], for
// sums have them across head_dim. int8 has codes in these places and behind them, for keys and values alike, the scales
// as [blocks][32]: a key or a value is cut along head_dim into blocks of 32, of which the last may be shorter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

/// f16: rounded half to even, saturating. int8: blocks of 32 quantized as activations are (rule 2), with f32 scales.
enum class CacheType : std::uint8_t { f32, f16, int8 };

inline constexpr std::size_t k_tile_slots = 32;

constexpr std::size_t cache_element_bytes(CacheType type) {
  return type == CacheType::f32 ? 4 : type == CacheType::f16 ? 2 : 1;
}

/// Scales of one key, and of one value.
constexpr std::size_t cache_scales(CacheType type, std::size_t head_dim) {
  return type == CacheType::int8 ? (head_dim + quant::k_block - 1) / quant::k_block : 0;
}

/// A block of one key or value: its first element along head_dim, and how many of the 32 there are.
struct CacheBlockPlace {
  std::size_t index, first, count;
};
constexpr CacheBlockPlace cache_block_place(std::size_t head_dim, std::size_t index) {
  const std::size_t first = index * quant::k_block;
  return {index, first, head_dim - first < quant::k_block ? head_dim - first : quant::k_block};
}

/// Where in a tile of int8 the scale of a block and slot lies, in bytes.
constexpr std::size_t cache_scale_at(std::size_t head_dim, std::size_t block, std::size_t slot) {
  return k_tile_slots * head_dim + sizeof(float) * (block * k_tile_slots + slot);
}

/// Of a tile of keys, and of a tile of values.
constexpr std::size_t cache_tile_bytes(CacheType type, std::size_t head_dim) {
  return k_tile_slots * (head_dim * cache_element_bytes(type) + sizeof(float) * cache_scales(type, head_dim));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
