// The tiles of the processor (AMX-TILE, AMX-INT8), as amx/block_product.hpp wants them.
//
// The eight tile registers and their configuration belong to a thread, and to its host as well. While a MachineTiles
// lives the configuration is ours; then it is again what it was. The contents of a host's tiles are lost: loading a
// configuration clears them, and no caller may count on them, for the System V ABI has them caller-saved like the
// vector registers. Nothing is left configured that was not, so that the system need not save 8 KiB at each switch of
// threads.
#pragma once

#include <immintrin.h>

#include "eigenformer/kernels/amx/tile_layout.hpp"
#include "eigenformer/kernels/target.hpp"

EIGENFORMER_TARGET_BEGIN("amx-tile,amx-int8")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::amx {

/// The intrinsics of g++ 12 do not tell it which memory the instructions read and write.
[[gnu::always_inline]] inline void instruction_uses([[maybe_unused]] const void* memory) {
  asm volatile("" ::"r"(memory) : "memory");
}

inline void load_configuration(const TileConfiguration& configuration) {
  instruction_uses(&configuration);
  _tile_loadconfig(&configuration);
}

inline TileConfiguration stored_configuration() {
  TileConfiguration configuration;
  _tile_storeconfig(&configuration);
  instruction_uses(&configuration);
  return configuration;
}

class MachineTiles {
 public:
  explicit MachineTiles(const TileConfiguration& configuration) : before_(stored_configuration()) {
    load_configuration(configuration);
  }
  ~MachineTiles() {
    if (before_.palette == 0) {
      _tile_release();
    } else {
      load_configuration(before_);
    }
  }
  MachineTiles(const MachineTiles&) = delete;
  MachineTiles& operator=(const MachineTiles&) = delete;

  /// Must follow writes to what multiply() reads.
  static void written(const void* memory) { instruction_uses(memory); }

  /// Tile of dots number `tile` = the product of sixteen rows of activations, `row_stride` bytes apart, and a tile of
  /// weights. The intrinsics want the numbers of tiles as literals.
  template <int tile, bool has_unsigned_weights>
  [[gnu::always_inline]] static void multiply(const std::int8_t* activations, std::size_t row_stride,
                                              const std::byte* weights) {
    static_assert(k_activation_tile == 3 && k_weight_tile == 4);
    _tile_loadd(3, activations, row_stride);
    _tile_loadd(4, weights, k_tile_row_bytes);
    if constexpr (tile == 0) {
      _tile_zero(0);
      if constexpr (has_unsigned_weights) _tile_dpbsud(0, 3, 4);
      if constexpr (!has_unsigned_weights) _tile_dpbssd(0, 3, 4);
    } else if constexpr (tile == 1) {
      _tile_zero(1);
      if constexpr (has_unsigned_weights) _tile_dpbsud(1, 3, 4);
      if constexpr (!has_unsigned_weights) _tile_dpbssd(1, 3, 4);
    } else {
      static_assert(tile == 2);
      _tile_zero(2);
      if constexpr (has_unsigned_weights) _tile_dpbsud(2, 3, 4);
      if constexpr (!has_unsigned_weights) _tile_dpbssd(2, 3, 4);
    }
  }

  /// [16][16] dots.
  template <int tile>
  [[gnu::always_inline]] static void store(std::int32_t* dots) {
    if constexpr (tile == 0) _tile_stored(0, dots, k_tile_row_bytes);
    if constexpr (tile == 1) _tile_stored(1, dots, k_tile_row_bytes);
    if constexpr (tile == 2) _tile_stored(2, dots, k_tile_row_bytes);
  }

 private:
  TileConfiguration before_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::amx
EIGENFORMER_TARGET_END
